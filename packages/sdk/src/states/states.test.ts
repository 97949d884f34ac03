import { describe, expect, it } from 'vitest';
import { connectionStates } from './connection-states.ts';
import { roomStates } from './room-states.ts';
import { linkStates, roomSignalingStates } from './signaling-states.ts';
import { reachableStates, type StateTable, StateTrack } from './state-track.ts';

const tables: Array<[string, StateTable<string>, string]> = [
  ['a media path', connectionStates, 'new'],
  ['a room', roomStates, 'unjoined'],
  ['the link', linkStates, 'new'],
  ["a room's signaling", roomSignalingStates, 'new'],
];

describe.each(tables)('S1 the table of %s', (_name, table, first) => {
  it('reaches every state from its first one', () => {
    expect([...reachableStates(table, first)].toSorted()).toEqual(Object.keys(table).toSorted());
  });

  it('names what leads to each, and no state that it does not have', () => {
    for (const ways of Object.values(table)) {
      for (const [next, cause] of Object.entries(ways)) {
        expect(Object.keys(table)).toContain(next);
        expect(cause).toMatch(/^\S.{8,}/);
      }
    }
  });
});

describe('StateTrack', () => {
  it('S2 a step that the table does not know is taken, and told apart', () => {
    const track = new StateTrack(roomStates);
    expect(track.enter('joining')).toBe('documented');
    expect(track.enter('joining')).toBe('same');
    expect(track.enter('joined')).toBe('documented');
    expect(track.enter('unjoined')).toBe('documented');
    expect(track.enter('joined')).toBe('undocumented');
    expect(track.state).toBe('joined');
  });
});
