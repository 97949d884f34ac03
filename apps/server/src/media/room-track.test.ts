import type { Encoding } from '@longreach/protocol';
import { beforeEach, expect, test } from 'vitest';
import { RoomTrack } from './room-track.ts';
import type { Slot } from './slot.ts';
import type { Source } from './source.ts';

const second = 1_000_000;
let demands: string[];
let track: RoomTrack;

beforeEach(() => {
  demands = [];
  track = new RoomTrack({ streamId: 0, mediaType: 'video' }, (_, active, encoding) => {
    demands.push(`${encoding} ${active ? 'on' : 'off'}`);
  });
});

function sourceOf(encoding: Encoding): Source {
  return { options: { streamId: 0, mediaType: 'video', encoding }, bitrateBps: 1 } as Source;
}

/** A slot that notes what it is to show. */
function slotOf(): { slot: Slot; shown: () => Encoding | undefined } {
  let shown: Source | undefined;
  const slot = { show: (source: Source | undefined) => (shown = source) } as unknown as Slot;
  return { slot, shown: () => shown?.options.encoding };
}

test('without a small encoding everybody gets the main one and nothing else is asked for', () => {
  const { slot, shown } = slotOf();
  track.add(slot, 0);
  track.publish(sourceOf('main'), 0);
  track.choose(slot, 'small', 0);
  track.tick(10 * second);
  expect([shown(), demands]).toEqual(['main', ['main on']]);
});

test('the small encoding runs from its first viewer until 2 s after its last', () => {
  const { slot, shown } = slotOf();
  const other = slotOf();
  track.publish(sourceOf('main'), 0);
  track.publish(sourceOf('small'), 0);
  track.add(slot, 0);
  track.add(other.slot, 0);
  track.choose(slot, 'small', 0);
  expect([shown(), other.shown()]).toEqual(['small', 'main']);
  track.choose(slot, 'main', 5 * second);
  track.tick(6.9 * second);
  expect([shown(), demands]).toEqual(['main', ['main on', 'small on']]);
  track.tick(7 * second);
  expect(demands).toEqual(['main on', 'small on', 'small off']);
});

test('a viewer that leaves ends its wish; one that comes back within 2 s keeps it running', () => {
  const { slot } = slotOf();
  track.publish(sourceOf('main'), 0);
  track.publish(sourceOf('small'), 0);
  track.add(slot, 0);
  track.choose(slot, 'small', 0);
  track.remove(slot);
  track.tick(second);
  track.add(slot, second);
  track.choose(slot, 'small', second);
  track.tick(9 * second);
  expect(demands).toEqual(['main on', 'small on', 'main off', 'main on']);
});

test('what a slot is about to leave is produced on but not shown anew', () => {
  const { slot, shown } = slotOf();
  track.add(slot, 0);
  track.leave(slot);
  track.publish(sourceOf('main'), 0);
  expect([shown(), demands]).toEqual([undefined, ['main on']]);
  track.remove(slot);
  expect(demands).toEqual(['main on', 'main off']);
});
