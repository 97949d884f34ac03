import { afterEach, expect, test } from 'vitest';
import { machineClock } from '../local/machine-clock.ts';
import { Publication } from './publication.ts';
import { accessUnit, machineStreams } from './testing/transport-rig.ts';

const publication = new Publication({
  ...{ streams: machineStreams, smallStreamIds: [], voice: false },
  rateBounds: () => ({ minBps: 1e5, maxBps: 1e7, startBps: 4e6 }),
});

afterEach(() => publication.close());

test('stays on its connection while packet numbers are about to begin anew, and only then', () => {
  const send = () => {
    const captureTimeUs = machineClock.nowUs();
    const times = { captureTimeUs, encodedTimeUs: captureTimeUs };
    const frame = { streamId: 0, mediaType: 'video', encoding: 'main', key: true } as const;
    publication.sendFrame({ ...frame, ...times, data: accessUnit(100_000, true) });
  };
  const movable: boolean[] = [];
  // Some 85 packets each: more than all numbers.
  for (let frame = 0; frame < 900; frame++) {
    send();
    if (movable.at(-1) !== publication.isMovable) movable.push(publication.isMovable);
  }
  expect(movable).toEqual([true, false, true]);
});
