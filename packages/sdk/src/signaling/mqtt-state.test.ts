import type { MqttConnectionState } from '@longreach/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type MqttStateEvent,
  mqttStateEvents,
  mqttTransitions,
  nextMqttState,
} from './mqtt-state.ts';

const events = Object.keys(mqttStateEvents) as MqttStateEvent[];
const states = Object.keys(mqttTransitions) as MqttConnectionState[];
/** Every transition there is. */
const table: Array<[MqttConnectionState, MqttStateEvent, MqttConnectionState]> = [
  ['new', 'attempted', 'connecting'],
  ['new', 'ended', 'closed'],
  ['connecting', 'opened', 'connected'],
  ['connecting', 'failed', 'error'],
  ['connecting', 'ended', 'closed'],
  ['connected', 'lost', 'reconnecting'],
  ['connected', 'ended', 'closed'],
  ['reconnecting', 'opened', 'connected'],
  ['reconnecting', 'failed', 'error'],
  ['reconnecting', 'ended', 'closed'],
  ['error', 'attempted', 'connecting'],
  ['error', 'reattempted', 'reconnecting'],
  ['error', 'ended', 'closed'],
  ['closed', 'attempted', 'connecting'],
];

describe('state of the MQTT connection', () => {
  it.each(table)('Q1 %s, %s: %s', (state, event, next) => {
    expect(nextMqttState(state, event)).toBe(next);
  });

  it('Q1 any other event changes nothing', () => {
    for (const state of states) {
      for (const event of events) {
        if (table.some(([from, by]) => from === state && by === event)) continue;
        expect(nextMqttState(state, event)).toBe(state);
      }
    }
  });

  it('Q2 every state is reached from the first, and none is a dead end', () => {
    const reachedFrom = (start: MqttConnectionState) => {
      const reached = new Set([start]);
      for (const state of reached)
        for (const event of events) reached.add(nextMqttState(state, event));
      return reached;
    };
    expect([...reachedFrom('new')].toSorted()).toEqual(states.toSorted());
    for (const state of states) expect(reachedFrom(state)).toContain('connected');
  });

  it('Q3 after the end nothing is told until the next login', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (given) => {
        let state: MqttConnectionState = nextMqttState('connected', 'ended');
        for (const event of given.filter((one) => one !== 'attempted')) {
          state = nextMqttState(state, event);
        }
        expect(state).toBe('closed');
      }),
    );
  });
});
