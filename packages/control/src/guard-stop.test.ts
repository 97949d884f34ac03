import { RefusalCode } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { GuardRig, rigToken } from './guard-rig.ts';

describe('guard: when motion is permitted', () => {
  it('G12 starts stopped, at standstill, and releases no motion', () => {
    const rig = new GuardRig();
    expect(rig.guard.mode).toBe('stopped');
    expect(rig.lastOrder).toMatchObject({ mode: 'standstill', axes: [0, 0, 1] });
    rig.drive();
    expect(rig.refusals).toEqual([RefusalCode.NotArmed]);
    expect(rig.orders.every((order) => order.mode === 'standstill')).toBe(true);
  });

  it('G13 neither releases nor refuses idle set-points while stopped', () => {
    const rig = new GuardRig();
    rig.drive({ axes: [0, 0, 0] });
    rig.drive({ axes: [], captureTimeUs: 0 });
    expect(rig.guard.counters).toMatchObject({ released: 0, refused: 0 });
  });

  it('G14 the re-arm permits motion and then changes nothing', () => {
    const rig = new GuardRig();
    rig.rearm();
    expect(rig.modes).toEqual(['armed:rearmed']);
    rig.drive();
    expect(rig.lastOrder).toMatchObject({ mode: 'drive', axes: [0.1, 0.5, 0], epoch: 5 });
    rig.runTo(299);
    rig.rearm();
    rig.runTo(310);
    expect(rig.guard.mode).toBe('braking');
    rig.rearm();
    expect(rig.guard.mode).toBe('braking');
    expect(rig.refusals).toEqual([]);
  });

  it('G14 refuses to arm a machine without an actuator', () => {
    const rig = new GuardRig();
    rig.guard.handleActuators(0, rig.nowUs);
    rig.rearm();
    expect(rig.refusals).toEqual([RefusalCode.NotArmed]);
    rig.guard.handleActuators(1, rig.nowUs);
    rig.rearm();
    expect(rig.guard.mode).toBe('armed');
  });
});

describe('guard: when the machine stops by itself', () => {
  it('G15 G17 G19 brakes after 300 ms of silence, ever harder, and stands after 500', () => {
    const rig = new GuardRig().start(0);
    rig.runTo(299.999);
    expect(rig.guard.mode).toBe('armed');
    rig.runTo(499.999);
    expect(rig.guard.mode).toBe('braking');
    const brakes = rig.orders.filter((order) => order.mode === 'brake');
    expect(brakes[0]?.releasedTimeUs).toBe(rig.nowUs - 199_999);
    expect(brakes[0]?.axes).toEqual([0.1, 0, 0.3]);
    expect(brakes.map((order) => order.axes[2])).toEqual(
      brakes.map((_, index) => expect.closeTo(0.3 + 0.07 * index, 6)),
    );
    rig.runTo(500);
    expect(rig.guard.mode).toBe('stopped');
    expect(rig.lastOrder).toMatchObject({ mode: 'standstill', axes: [0.1, 0, 1] });
    expect(rig.modes.slice(-2)).toEqual(['braking:silence', 'stopped:silence']);
    rig.drive();
    expect(rig.refusals).toEqual([RefusalCode.NotArmed]);
  });

  it('G15 brakes when a short time to live is over', () => {
    const rig = new GuardRig().start();
    rig.drive({ ttlMs: 80 });
    rig.runTo(79.999);
    expect(rig.guard.mode).toBe('armed');
    rig.runTo(80);
    expect(rig.guard.mode).toBe('braking');
    rig.runTo(500);
    expect(rig.guard.mode).toBe('stopped');
  });

  it('G16 G18 stops within 500 ms of the last picture while commands keep coming', () => {
    const rig = new GuardRig().start();
    const captureTimeUs = rig.nowUs - 60_000;
    for (let nowMs = 20; nowMs <= 600; nowMs += 20) {
      rig.runTo(nowMs);
      rig.drive({ captureTimeUs });
      if (nowMs === 320) expect(rig.guard.mode).toBe('armed');
      if (nowMs === 340) expect(rig.guard.mode).toBe('braking');
      if (nowMs === 420) expect(rig.guard.mode).toBe('braking');
      if (nowMs >= 440) expect(rig.guard.mode).toBe('stopped');
    }
    expect(rig.modes).toEqual(['armed:rearmed', 'braking:loopAge', 'stopped:loopAge']);
    const last = rig.orders.findLast((order) => order.mode === 'drive');
    expect(last?.releasedTimeUs).toBeLessThan(captureTimeUs + 400_000);
    expect(rig.refusals).toContain(RefusalCode.StalePicture);
  });

  it('G16 a command between 400 and 500 ms of age steers and brakes', () => {
    const rig = new GuardRig().start();
    rig.drive({ axes: [-0.4, 1, 0] }, 450);
    expect(rig.lastOrder).toMatchObject({ mode: 'brake', sequence: 3, buttons: 0 });
    expect(rig.lastOrder?.axes).toEqual([-0.4, 0, expect.closeTo(0.65, 6)]);
    expect(rig.guard.counters.released).toBe(2);
    rig.drive({ axes: [0, 0, 0.9] }, 450);
    expect(rig.lastOrder?.axes[2]).toBeCloseTo(0.9, 6);
    rig.drive({}, 500);
    expect(rig.guard.mode).toBe('stopped');
  });

  it('G17 counts from the re-arm while nothing was driven', () => {
    const rig = new GuardRig();
    rig.rearm({}, 0);
    rig.runTo(500);
    expect(rig.modes).toEqual(['armed:rearmed', 'braking:silence', 'stopped:silence']);
  });

  it('G19 never brakes less than before', () => {
    const rig = new GuardRig();
    rig.rearm({}, 0);
    rig.runTo(320);
    expect(rig.lastOrder).toMatchObject({ mode: 'brake', axes: [0, 0, 1] });
    rig.drive({ axes: [0, 0, 0.8] }, 0);
    rig.runTo(625);
    expect(rig.lastOrder).toMatchObject({ mode: 'brake', axes: [0, 0, 0.8] });
  });

  it('G20 a fresh command ends the braking', () => {
    const rig = new GuardRig().start(0);
    rig.runTo(480);
    rig.drive();
    expect(rig.guard.mode).toBe('armed');
    expect(rig.lastOrder?.mode).toBe('drive');
    rig.runTo(779);
    expect(rig.guard.mode).toBe('armed');
  });

  it('G21 an emergency stop of anybody latches until re-armed', () => {
    const rig = new GuardRig().start();
    const [ordered, changed] = rig.emergencyStop();
    expect(ordered).toMatchObject({ order: { mode: 'standstill', axes: [0.1, 0, 1] } });
    expect(changed).toMatchObject({ mode: 'emergency' });
    rig.drive();
    expect(rig.refusals).toEqual([RefusalCode.EmergencyStop]);
    rig.guard.handleLease({ epoch: 6, token: null }, rig.nowUs);
    rig.guard.handleLease({ epoch: 7, token: rigToken }, rig.nowUs);
    expect(rig.guard.mode).toBe('emergency');
    rig.epoch = 7;
    rig.rearm({}, 501);
    expect(rig.guard.mode).toBe('emergency');
    rig.rearm();
    expect(rig.guard.mode).toBe('armed');
    rig.collect(rig.guard.handleEmergencyStop(rig.nowUs));
    expect(rig.guard.mode).toBe('emergency');
  });

  it('G22 stops when the lease ends or changes, not when it is repeated', () => {
    for (const lease of [
      { epoch: 6, token: null },
      { epoch: 6, token: rigToken },
    ]) {
      const rig = new GuardRig().start();
      rig.collect(rig.guard.handleLease({ epoch: 5, token: rigToken }, rig.nowUs));
      expect(rig.guard.mode).toBe('armed');
      rig.collect(rig.guard.handleLease(lease, rig.nowUs));
      expect(rig.modes.at(-1)).toBe('stopped:leaseEnded');
      expect(rig.lastOrder).toMatchObject({ mode: 'standstill', epoch: 6 });
    }
  });

  it('G23 an actuator lost while moving is a fault that needs a re-arm', () => {
    const rig = new GuardRig().start();
    rig.collect(rig.guard.handleActuators(0, rig.nowUs));
    expect(rig.modes.at(-1)).toBe('fault:actuatorLost');
    rig.collect(rig.guard.handleActuators(1, rig.nowUs));
    rig.drive();
    expect(rig.guard.mode).toBe('fault');
    rig.rearm();
    expect(rig.guard.mode).toBe('armed');
  });

  it('G24 a command that finds the guard asleep past its limits does not wake the motion', () => {
    const rig = new GuardRig().start();
    rig.stallTo(501);
    rig.drive();
    expect(rig.guard.mode).toBe('stopped');
    expect(rig.refusals).toEqual([RefusalCode.NotArmed]);
    rig.guard.handleTime(0);
    expect(rig.guard.nextDeadlineUs).toBeGreaterThan(rig.nowUs);
  });
});

describe('guard: orders', () => {
  it('G25 repeats standstill every 100 ms and brakes every 20 ms', () => {
    const rig = new GuardRig();
    const before = rig.orders.length;
    rig.runTo(1000);
    expect(rig.orders.length - before).toBe(10);
    rig.start(0);
    rig.runTo(1499);
    const brakes = rig.orders.filter((order) => order.mode === 'brake');
    expect(brakes).toHaveLength(10);
    for (const order of brakes) {
      expect(order.validUntilUs).toBeGreaterThan(order.releasedTimeUs);
      expect(order.validUntilUs).toBeLessThanOrEqual(rig.nowUs + 1000);
    }
  });

  it('G25 tells a new actuator at once', () => {
    const rig = new GuardRig();
    rig.runTo(30);
    const outputs = rig.guard.handleActuators(2, rig.nowUs);
    expect(outputs).toMatchObject([{ type: 'ordered', order: { mode: 'standstill' } }]);
  });

  it('G27 releases opaque frames while stopped, and never as a sign of life', () => {
    const rig = new GuardRig();
    const [output] = rig.opaque();
    expect(output).toMatchObject({ order: { mode: 'opaque', payload: Uint8Array.of(1, 2) } });
    rig.start();
    for (let nowMs = 20; nowMs <= 500; nowMs += 20) {
      rig.runTo(nowMs);
      rig.opaque();
    }
    expect(rig.guard.mode).toBe('stopped');
  });

  it('G28 fills missing axes and never hands on a negative brake', () => {
    const rig = new GuardRig().start();
    rig.drive({ axes: [0.5] });
    expect(rig.lastOrder?.axes).toEqual([0.5, 0, 0]);
    rig.drive({ axes: [0, 1, -1, 0.25] });
    expect(rig.lastOrder?.axes).toEqual([0, 1, 0, 0.25]);
  });
});
