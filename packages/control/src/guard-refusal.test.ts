import { RefusalCode } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { createGuardProfile, defaultGuardProfile } from './guard-profile.ts';
import { GuardRig, rigToken } from './guard-rig.ts';

const kinds = ['drive', 'rearm', 'opaque'] as const;

describe('guard: who may command', () => {
  it('G1 refuses every command while nobody holds the lease', () => {
    const rig = new GuardRig();
    rig.guard.handleLease({ epoch: 6, token: null }, rig.nowUs);
    for (const kind of kinds) rig[kind]({ epoch: 6 });
    expect(rig.refusals).toEqual([1, 1, 1].map(() => RefusalCode.NotMaster));
    expect(rig.guard.mode).toBe('stopped');
  });

  it('G2 refuses another epoch, older or made up', () => {
    const rig = new GuardRig().start();
    for (const kind of kinds) rig[kind]({ epoch: 4 });
    for (const kind of kinds) rig[kind]({ epoch: 6 });
    const { OldEpoch, NotMaster } = RefusalCode;
    expect(rig.refusals).toEqual([OldEpoch, OldEpoch, OldEpoch, NotMaster, NotMaster, NotMaster]);
    expect(rig.guard.counters).toMatchObject({ refused: 6, lastRefusal: NotMaster, released: 1 });
  });

  it('G3 refuses another token', () => {
    const rig = new GuardRig().start();
    for (const kind of kinds) rig[kind]({ token: `${rigToken.slice(0, 15)}0` });
    rig.drive({ token: '' });
    expect(new Set(rig.refusals)).toEqual(new Set([RefusalCode.WrongToken]));
    expect(rig.refusals).toHaveLength(4);
  });

  it('G4 drops duplicates and late drive frames, and those from before a re-arm', () => {
    const rig = new GuardRig();
    rig.rearm({ sequence: 10 });
    rig.drive({ sequence: 9 });
    rig.drive({ sequence: 12 });
    rig.drive({ sequence: 12 });
    rig.drive({ sequence: 11 });
    expect(rig.refusals).toEqual([1, 1, 1].map(() => RefusalCode.OutOfOrder));
    expect(rig.guard.counters.releasedSequence).toBe(12);
  });

  it('G5 lets a repeated re-arm come late, but not one from before the last stop', () => {
    const rig = new GuardRig();
    rig.drive({ sequence: 20 });
    rig.rearm({ sequence: 18 });
    expect(rig.guard.mode).toBe('armed');
    rig.drive({ sequence: 22 });
    rig.emergencyStop();
    rig.rearm({ sequence: 21 });
    expect(rig.guard.mode).toBe('emergency');
    rig.drive({ sequence: 25 });
    rig.rearm({ sequence: 24 });
    expect(rig.guard.mode).toBe('armed');
    const { NotArmed, OutOfOrder, EmergencyStop } = RefusalCode;
    expect(rig.refusals).toEqual([NotArmed, OutOfOrder, EmergencyStop]);
  });

  it('G6 releases each opaque frame once, also when it comes late', () => {
    const rig = new GuardRig();
    for (const sequence of [5000, 4990, 4990, 5000, 3976, 3977, 9000, 5000]) {
      rig.opaque({ sequence });
    }
    expect(rig.guard.counters.released).toBe(4);
    expect(rig.refusals).toEqual([1, 1, 1, 1].map(() => RefusalCode.OutOfOrder));
  });

  it('G7 counts anew under a new epoch', () => {
    const rig = new GuardRig().start();
    rig.drive({ sequence: 4_000_000_000 });
    rig.guard.handleLease({ epoch: 6, token: rigToken }, rig.nowUs);
    expect(rig.guard.counters).toMatchObject({ releasedSequence: 0, releasedCaptureTimeUs: 0 });
    rig.epoch = 6;
    rig.start();
    expect(rig.guard.mode).toBe('armed');
    expect(rig.refusals).toEqual([]);
  });

  it('G8 refuses what is no set-point, and bytes that are no command', () => {
    const rig = new GuardRig().start();
    for (const axes of [[Number.NaN], [1.1], [0, -1.1], new Array(17).fill(0)]) rig.drive({ axes });
    rig.collect(rig.guard.handleMalformed(rig.nowUs));
    expect(rig.refusals).toEqual([1, 1, 1, 1, 1].map(() => RefusalCode.Malformed));
    expect(rig.guard.counters.released).toBe(1);
  });
});

describe('guard: how old it may be', () => {
  it('G9 refuses an absent, an old and a future picture', () => {
    const rig = new GuardRig().start();
    rig.runTo(10);
    for (const ageMs of [500.001, 5000, -50.001]) rig.drive({}, ageMs);
    rig.drive({ captureTimeUs: 0 });
    expect(rig.refusals).toEqual([1, 1, 1, 1].map(() => RefusalCode.StalePicture));
    for (const ageMs of [-50, 0, 399.999]) rig.drive({}, ageMs);
    expect(rig.guard.counters.released).toBe(4);
  });

  it('G9 refuses a re-arm without a fresh picture', () => {
    const rig = new GuardRig();
    rig.rearm({}, 501);
    rig.rearm({}, -51);
    rig.rearm({ captureTimeUs: 0 });
    expect(rig.refusals).toEqual([1, 1, 1].map(() => RefusalCode.StalePicture));
    expect(rig.guard.mode).toBe('stopped');
  });

  it('G10 refuses a frame that never was valid', () => {
    const rig = new GuardRig().start();
    rig.drive({ ttlMs: 0 });
    rig.opaque({ ttlMs: 0 });
    expect(rig.refusals).toEqual([RefusalCode.Expired, RefusalCode.Expired]);
  });

  it('G11 an order outlives the moment to brake by the handover, never the moment to stand', () => {
    const rig = new GuardRig().start();
    const validMs = () => ((rig.lastOrder?.validUntilUs ?? 0) - rig.nowUs) / 1000;
    rig.drive({ ttlMs: 1000 });
    expect(validMs()).toBe(310);
    rig.drive({ ttlMs: 120 });
    expect(validMs()).toBe(130);
    rig.drive({ ttlMs: 1000 }, 350);
    expect(validMs()).toBe(150);
  });
});

describe('guard: profile', () => {
  it('G29 refuses limits that contradict each other', () => {
    expect(createGuardProfile()).toEqual(defaultGuardProfile);
    for (const bad of [
      { silenceBrakeMs: 500 },
      { loopAgeBrakeMs: 600 },
      { brakeStart: 1.5 },
      { brakeRepeatMs: 101 },
      { standstillRepeatMs: 0 },
      { futureMs: Number.NaN },
    ]) {
      expect(() => createGuardProfile(bad)).toThrow(expect.objectContaining({ code: 6001 }));
    }
  });
});
