import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlotTable } from './slot-table.ts';

describe('SlotTable', () => {
  it('A1 fills the first slots and reserves the rest', () => {
    expect(new SlotTable([2, 0], 4).streams).toEqual([2, 0, undefined, undefined]);
  });

  it('A2 looks at a shown stream where it is', () => {
    const table = new SlotTable<string>([0, 1], 2);
    expect(table.attach('main', 1)).toEqual({ kind: 'ready', slot: 1 });
    expect(table.attach('copy', 1)).toEqual({ kind: 'ready', slot: 1 });
  });

  it('A3 switches the own slot', () => {
    const table = new SlotTable<string>([0, 1], 2);
    table.attach('main', 0);
    expect(table.attach('main', 3)).toEqual({ kind: 'switch', slot: 0, previous: 0 });
    expect(table.streams).toEqual([3, 1]);
  });

  it('A4 takes an empty slot, then one that nobody looks at, else is full', () => {
    const table = new SlotTable<string>([0, 1], 3);
    expect(table.attach('a', 5)).toMatchObject({ slot: 2, previous: undefined });
    expect(table.attach('b', 6)).toMatchObject({ slot: 0, previous: 0 });
    expect(table.attach('c', 7)).toMatchObject({ slot: 1, previous: 1 });
    expect(table.attach('d', 0)).toEqual({ kind: 'full' });
    expect(table.slotOf('d')).toBeUndefined();
  });

  it('A5 swaps viewers without touching the slots', () => {
    const table = new SlotTable<string>([0, 1], 2);
    table.attach('main', 0);
    expect(table.swap('main', 'side')).toBe(false);
    table.attach('side', 1);
    expect(table.swap('main', 'side')).toBe(true);
    expect([table.streamOf('main'), table.streamOf('side')]).toEqual([1, 0]);
    expect(table.streams).toEqual([0, 1]);
  });

  it('A6 frees a slot with its last viewer', () => {
    const table = new SlotTable<string>([0], 1);
    table.attach('a', 0);
    table.attach('b', 0);
    expect(table.detach('a')).toBeUndefined();
    expect(table.detach('b')).toBe(0);
    expect(table.detach('b')).toBeUndefined();
  });

  it('A7 never shows a stream in two slots, and never takes what somebody else looks at', () => {
    const act = fc.record({
      kind: fc.constantFrom('attach', 'attach', 'detach', 'swap'),
      viewer: fc.constantFrom('a', 'b', 'c'),
      other: fc.constantFrom('a', 'b', 'c'),
      streamId: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const table = new SlotTable<string>([0, 1], 3);
        for (const { kind, viewer, other, streamId } of acts) {
          const others = table.viewers.filter((one) => one !== viewer);
          const before = others.map((one) => table.streamOf(one));
          if (kind === 'swap') table.swap(viewer, other);
          else if (kind === 'detach') table.detach(viewer);
          else if (table.attach(viewer, streamId).kind !== 'full') {
            expect(table.streamOf(viewer)).toBe(streamId);
          }
          if (kind !== 'swap') expect(others.map((one) => table.streamOf(one))).toEqual(before);
          const shown = table.streams.filter((stream) => stream !== undefined);
          expect(new Set(shown).size).toBe(shown.length);
        }
      }),
    );
  });
});
