import { Emitter } from '@longreach/kit';
import { encodeReport } from '@longreach/protocol';
import { expect, test } from 'vitest';
import type { MediaConnection, MediaConnectionEvents } from '../media/media-connection.ts';
import { ManualPageClock } from '../testing/manual-page-clock.ts';
import { Lines } from './lines.ts';

const arrivals = encodeReport({
  kind: 'arrivals',
  streams: [{ streamId: 2, frames: 30, delayTicks: 900 }],
});
const refusal = encodeReport({ kind: 'refusal', code: 3, sequence: 9 });

/** Two connections, of which the first is the one whose reports count. */
function open() {
  const heard: string[] = [];
  const connections = ['a', 'b'].map((id) =>
    Object.assign(new Emitter<MediaConnectionEvents>(), { id }),
  );
  const [current, other] = connections as unknown as [MediaConnection, MediaConnection];
  const lines = new Lines({
    clock: new ManualPageClock(),
    current: () => current,
    onReport: ({ kind }) => heard.push(kind),
    monitors: {
      isShowing: () => false,
      handleArrivals: (streams) => heard.push(`arrivals of ${streams[0]?.streamId}`),
    },
  });
  lines.open(current);
  lines.open(other);
  const tell = (connection: number, bytes: Uint8Array<ArrayBuffer>) =>
    connections[connection]?.emit('reportReceived', bytes);
  return { lines, heard, tell, current };
}

test('the worker’s word about pictures goes to their monitors, that about commands to the session', () => {
  const { heard, tell } = open();
  tell(0, arrivals);
  tell(0, refusal);
  expect(heard).toEqual(['arrivals of 2', 'refusal']);
});

test('what another connection tells does not count, except what its own slots show', () => {
  const { heard, tell, lines, current } = open();
  tell(1, arrivals);
  tell(1, refusal);
  tell(0, encodeReport({ kind: 'slot', mid: '4', streamId: 2, timestampOffset: 77 }));
  expect(heard).toEqual([]);
  expect(lines.timestampOffset(current.id, '4')).toBe(77);
});
