import { expect, it } from 'vitest';
import type { ClientEvents } from '../api.ts';
import { SessionStates } from './session-states.ts';

function setUp() {
  const told: string[] = [];
  const errors: string[] = [];
  const emit = <Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]) => {
    if (payload instanceof Error) errors.push(payload.message);
    else told.push(`${name === 'roomStateChanged' ? 'room' : 'signaling'} ${stateOf(payload)}`);
  };
  return { states: new SessionStates({ deviceId: 'truck', emit }), told, errors };
}

function stateOf(payload: object): unknown {
  return (payload as { state: string }).state;
}

function join({ states }: ReturnType<typeof setUp>): void {
  states.tellSignaling('new');
  states.tellRoom('joining');
  for (const state of ['scheduling', 'scheduled', 'connected'] as const)
    states.tellSignaling(state);
  states.tellRoom('joined');
}

it("S3 a room's signaling is scheduled, connected, follows the link, and closes with the room", () => {
  const bed = setUp();
  join(bed);
  const { states, told, errors } = bed;
  expect(told).toEqual([
    'signaling new',
    'room joining',
    ...['scheduling', 'scheduled', 'connected'].map((state) => `signaling ${state}`),
    'room joined',
  ]);
  told.length = 0;
  states.handleLink('disconnected', false);
  states.handleLink('reconnecting', false);
  states.handleLink('connected', false);
  expect(told).toEqual(['signaling disconnected', 'signaling reconnecting']);
  states.tellSignaling('connected');
  states.tellRoom('unjoined');
  states.tellSignaling('closed');
  expect(told.slice(2)).toEqual(['signaling connected', 'room unjoined', 'signaling closed']);
  expect(errors).toEqual([]);
});

it('S3 a link that was only silent has kept the room', () => {
  const bed = setUp();
  join(bed);
  bed.told.length = 0;
  bed.states.handleLink('disconnected', false);
  bed.states.handleLink('connected', true);
  expect(bed.told).toEqual(['signaling disconnected', 'signaling connected']);
});

it('S3 a server that forgot us schedules and joins again', () => {
  const bed = setUp();
  join(bed);
  bed.told.length = 0;
  bed.states.handleLink('disconnected', false);
  bed.states.handleLink('reconnecting', false);
  bed.states.tellRoom('joining');
  for (const state of ['scheduling', 'scheduled', 'connected'] as const) {
    bed.states.tellSignaling(state);
  }
  bed.states.tellRoom('joined');
  expect(bed.told).toHaveLength(7);
  expect(bed.errors).toEqual([]);
});

it('S2 a step that no table knows is told as an error, not hidden', () => {
  const { states, told, errors } = setUp();
  states.tellSignaling('new');
  states.tellSignaling('reconnecting');
  expect(told).toEqual(['signaling new', 'signaling reconnecting']);
  expect(errors).toEqual(['signaling: new to reconnecting is no documented step']);
});
