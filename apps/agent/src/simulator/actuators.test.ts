import { describe, expect, it } from 'vitest';
import type { ReleasedCommand } from '../local/released-command.ts';
import { Actuators } from './actuators.ts';

function order(fields: Partial<ReleasedCommand>): ReleasedCommand {
  return {
    mode: 'drive',
    sequence: 1,
    epoch: 1,
    releasedTimeUs: 1_000,
    validUntilUs: 101_000,
    captureTimeUs: 0,
    inputTimeMs: 0,
    buttons: 0,
    axes: [0.5, 0.7, 0],
    payload: new Uint8Array(0),
    ...fields,
  };
}

describe('Actuators', () => {
  it('stand still with full brake before any order', () => {
    const { state, deadlineUs } = new Actuators(5);
    expect(state).toMatchObject({
      mode: 'standstill',
      modeSinceUs: 5,
      input: { brake: 1, drive: 0 },
    });
    expect(deadlineUs).toBeUndefined();
  });

  it('follow an order until its valid-until, then stand still by themselves', () => {
    const actuators = new Actuators(0);
    expect(actuators.handleReleased(order({}), 1_000)).toBe(true);
    expect(actuators.state.input).toEqual({ steering: 0.5, drive: 0.7, brake: 0 });
    expect(actuators.deadlineUs).toBe(101_000);
    expect(actuators.handleTime(100_999)).toBe(false);
    expect(actuators.handleTime(101_000)).toBe(true);
    expect(actuators.state).toMatchObject({ mode: 'standstill', modeSinceUs: 101_000 });
    expect(actuators.state.input).toMatchObject({ drive: 0, brake: 1 });
  });

  it('do not drive while braking, and keep since when the mode holds', () => {
    const actuators = new Actuators(0);
    actuators.handleReleased(order({ mode: 'brake', axes: [0, 1, 0.4] }), 2_000);
    expect(actuators.state.input).toEqual({ steering: 0, drive: 0, brake: 0.4 });
    actuators.handleReleased(
      order({ mode: 'brake', axes: [0, 0, 0.9], releasedTimeUs: 3_000 }),
      3_000,
    );
    expect(actuators.state).toMatchObject({ mode: 'brake', modeSinceUs: 2_000 });
  });

  it('ignore an order older than the newest', () => {
    const actuators = new Actuators(0);
    actuators.handleReleased(order({ mode: 'standstill', releasedTimeUs: 9_000 }), 9_000);
    expect(actuators.handleReleased(order({ releasedTimeUs: 8_000 }), 9_100)).toBe(false);
    expect(actuators.state.mode).toBe('standstill');
  });

  it('do not start with an order that has run out already', () => {
    const actuators = new Actuators(0);
    expect(actuators.handleReleased(order({}), 200_000)).toBe(false);
    expect(actuators.state.mode).toBe('standstill');
  });

  it('take what is no number as zero', () => {
    const actuators = new Actuators(0);
    actuators.handleReleased(order({ axes: [Number.NaN, Number.POSITIVE_INFINITY] }), 1_000);
    expect(actuators.state.input).toEqual({ steering: 0, drive: 0, brake: 0 });
  });
});
