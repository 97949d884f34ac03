import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuardOutput } from './guard-output.ts';
import { GuardRig, rigToken } from './guard-rig.ts';

type Step =
  | { do: 'wait'; ms: number; asleep: boolean }
  | {
      do: 'drive' | 'rearm';
      ageMs: number;
      ttlMs: number;
      forge: 'no' | 'token' | 'epoch';
      late: number;
    }
  | { do: 'opaque' | 'emergencyStop' | 'stopCall' | 'malformed' | 'leaseEnds' | 'leaseGranted' }
  | { do: 'actuators'; count: number };

const commandStep = fc.record({
  do: fc.constantFrom('drive' as const, 'drive' as const, 'drive' as const, 'rearm' as const),
  ageMs: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 20, max: 300 }) },
    { weight: 2, arbitrary: fc.integer({ min: 380, max: 520 }) },
    { weight: 1, arbitrary: fc.integer({ min: -80, max: 0 }) },
  ),
  ttlMs: fc.oneof(fc.constant(1000), fc.integer({ min: 0, max: 400 })),
  forge: fc.constantFrom('no', 'no', 'no', 'no', 'token', 'epoch') as fc.Arbitrary<
    'no' | 'token' | 'epoch'
  >,
  late: fc.constantFrom(0, 0, 0, 0, 1, 5),
});
const waitStep = fc.record({
  do: fc.constant('wait' as const),
  ms: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 700 }) },
  ),
  asleep: fc.boolean(),
});
const otherStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom(
      'opaque' as const,
      'emergencyStop' as const,
      'stopCall' as const,
      'malformed' as const,
      'leaseEnds' as const,
      'leaseGranted' as const,
    ),
  }),
  fc.record({ do: fc.constant('actuators' as const), count: fc.integer({ min: 0, max: 2 }) }),
);
const steps = fc.array(
  fc.oneof(
    { weight: 14, arbitrary: commandStep as fc.Arbitrary<Step> },
    { weight: 8, arbitrary: waitStep as fc.Arbitrary<Step> },
    { weight: 1, arbitrary: otherStep },
  ),
  { maxLength: 80, size: 'max' },
);

/** Follows a run from outside and checks each output against what was put in. */
class Witness {
  readonly rig = new GuardRig();
  held = true;
  /** Nothing has permitted motion since the last stop. */
  barred = true;
  freshMs = Number.NEGATIVE_INFINITY;
  #sequence = 1000;
  #checked = this.rig.outputs.length;

  take(step: Step): void {
    const { rig } = this;
    const { guard } = rig;
    switch (step.do) {
      case 'wait':
        if (step.asleep) rig.stallTo(rig.nowMs + step.ms);
        else rig.runTo(rig.nowMs + step.ms);
        break;
      case 'drive':
      case 'rearm':
        this.#command(step);
        break;
      case 'opaque':
        rig.opaque();
        break;
      case 'emergencyStop':
        rig.emergencyStop();
        this.barred = true;
        break;
      case 'stopCall':
        rig.collect(guard.handleEmergencyStop(rig.nowUs));
        this.barred = true;
        break;
      case 'malformed':
        rig.collect(guard.handleMalformed(rig.nowUs));
        break;
      case 'actuators':
        rig.collect(guard.handleActuators(step.count, rig.nowUs));
        break;
      default:
        this.#lease(step.do === 'leaseGranted');
    }
    this.check();
  }

  #lease(held: boolean): void {
    this.rig.epoch++;
    this.held = held;
    this.barred = true;
    const token = held ? rigToken : null;
    this.rig.collect(this.rig.guard.handleLease({ epoch: this.rig.epoch, token }, this.rig.nowUs));
  }

  #command(step: Extract<Step, { ageMs: number }>): void {
    this.#sequence += 2;
    const overrides = {
      sequence: this.#sequence - step.late,
      ttlMs: step.ttlMs,
      epoch: this.rig.epoch - (step.forge === 'epoch' ? 1 : 0),
      token: step.forge === 'token' ? 'ffffffffffffffff' : rigToken,
    };
    const before = this.rig.guard.counters.released;
    const outputs = this.rig[step.do](overrides, step.ageMs);
    const accepted = step.do === 'drive' && this.rig.guard.counters.released > before;
    if (outputs.some(isRearmed)) {
      expect([step.do, step.forge, this.held]).toEqual(['rearm', 'no', true]);
      this.freshMs = this.rig.nowMs;
    }
    if (!accepted) return;
    expect(step.forge).toBe('no');
    expect(this.held).toBe(true);
    expect(step.ageMs).toBeLessThanOrEqual(500);
    this.freshMs = this.rig.nowMs;
  }

  check(): void {
    for (const output of this.rig.outputs.slice(this.#checked)) {
      if (isRearmed(output)) this.barred = false;
      else if (isStop(output)) this.barred = true;
      if (output.type !== 'ordered') continue;
      const { order } = output;
      expect(order.axes.every((axis) => axis >= -1 && axis <= 1)).toBe(true);
      if (order.mode !== 'drive') continue;
      expect(this.barred).toBe(false);
      expect(order.epoch).toBe(this.rig.epoch);
      expect(order.releasedTimeUs - order.captureTimeUs).toBeLessThan(400_000);
      expect(order.validUntilUs - order.captureTimeUs).toBeLessThanOrEqual(550_000);
      expect(order.validUntilUs - order.releasedTimeUs).toBeLessThanOrEqual(310_000);
    }
    this.#checked = this.rig.outputs.length;
    const awake = this.rig.guard.nextDeadlineUs > this.rig.nowUs;
    if (awake && this.rig.nowMs - this.freshMs >= 500) this.#expectStanding();
  }

  #expectStanding(): void {
    expect(this.rig.lastOrder?.mode).toBe('standstill');
    expect(['stopped', 'emergency', 'fault']).toContain(this.rig.guard.mode);
  }
}

function isRearmed(output: GuardOutput): boolean {
  return output.type === 'modeChanged' && output.reason === 'rearmed';
}

function isStop(output: GuardOutput): boolean {
  return output.type === 'modeChanged' && !['armed', 'braking'].includes(output.mode);
}

describe('guard under any sequence of events', () => {
  it('G30 releases no old, foreign or unpermitted motion, and always comes to stand', () => {
    let drives = 0;
    fc.assert(
      fc.property(steps, (run) => {
        const witness = new Witness();
        for (const step of run) witness.take(step);
        drives += witness.rig.orders.filter((order) => order.mode === 'drive').length;
        witness.take({ do: 'wait', ms: 500, asleep: false });
        expect(witness.rig.lastOrder?.mode).toBe('standstill');
        expect(witness.rig.lastOrder?.axes.slice(1)).toEqual([0, 1]);
      }),
      { numRuns: 300 },
    );
    // Else the property would hold of a guard that releases nothing.

    expect(drives).toBeGreaterThan(100);
  });

  it('G26 does nothing by itself before its deadline, and something at it', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50_000 }), (run, earlyUs) => {
        const witness = new Witness();
        for (const step of run) witness.take(step);
        const { guard } = witness.rig;
        witness.rig.runTo(witness.rig.nowMs);
        const deadlineUs = guard.nextDeadlineUs;
        expect(deadlineUs).toBeGreaterThan(witness.rig.nowUs);
        const early = Math.max(witness.rig.nowUs, deadlineUs - earlyUs);
        expect(guard.handleTime(early)).toEqual([]);
        expect(guard.nextDeadlineUs).toBe(deadlineUs);
        expect(guard.handleTime(deadlineUs)).not.toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
