import type { StateReport } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { MachineTime } from './machine-time.ts';

function report(machineTimeUs: number, clockOffsetUs = Number.NaN): StateReport {
  const clockUncertaintyUs = Number.isNaN(clockOffsetUs) ? Number.POSITIVE_INFINITY : 200;
  return { kind: 'state', machineTimeUs, clockOffsetUs, clockUncertaintyUs } as StateReport;
}

/** An exchange with a worker whose clock is `offsetUs` ahead of the page; 1 ms round trip, stamps of 0.1 ms. */
function exchange(sentUs: number, offsetUs: number) {
  const receivedUs = sentUs + 500 + offsetUs;
  return { sentUs, receivedUs, repliedUs: receivedUs, arrivedUs: sentUs + 1000 };
}

describe('MachineTime', () => {
  it('T1 adds both offsets and both uncertainties', () => {
    const time = new MachineTime();
    // Worker 5 s ahead of the page and 2 s ahead of the machine: the machine is 3 s ahead of the page.
    time.handleExchange(exchange(900_300, 5_000_000));
    time.handleState(report(3_990_000, 2_000_000), 1_000_000);
    expect(time.machineNowUs(1_000_000)).toBeCloseTo(4_000_000);
    const latency = time.latencyOf(3_980_000, 1_000_000);
    expect(latency?.valueMs).toBeCloseTo(20);
    expect(latency?.uncertaintyMs).toBeCloseTo(0.5 + 0.1 + 0.05 + 0.2, 1);
  });

  it('T2 takes the least late report while there is no synchronised clock', () => {
    const time = new MachineTime();
    time.handleState(report(3_900_000), 1_000_000);
    time.handleState(report(4_050_000), 1_100_000);
    expect(time.machineNowUs(1_200_000)).toBe(4_150_000);
    expect(time.latencyOf(4_000_000, 1_200_000)).toBeUndefined();
  });

  it('T2 forgets how late reports once were, but never the newest', () => {
    const time = new MachineTime();
    time.handleState(report(1_100_000), 1_000_000);
    time.handleState(report(3_050_000), 3_000_000);
    time.handleState(report(4_020_000), 4_000_000);
    expect(time.machineNowUs(5_000_000)).toBe(5_100_000);
    expect(time.machineNowUs(7_000_000)).toBe(7_050_000);
    expect(time.machineNowUs(8_500_000)).toBe(8_520_000);
    expect(time.machineNowUs(60_000_000)).toBe(60_020_000);
  });

  it('T3 knows nothing before a word of the machine', () => {
    const time = new MachineTime();
    time.handleExchange(exchange(0, 5_000_000));
    expect(time.machineNowUs(1000)).toBeUndefined();
  });

  it('T4 forgets reports from before a restart of the machine', () => {
    const time = new MachineTime();
    time.handleState(report(90_000_000_000), 1_000_000);
    time.handleState(report(30_000_000), 2_000_000);
    expect(time.machineNowUs(2_000_000)).toBe(30_000_000);
  });

  it('T5 does not use a synchronised clock that contradicts the reports', () => {
    const time = new MachineTime();
    time.handleExchange(exchange(0, 500_000_000));
    time.handleState(report(3_990_000, 2_000_000), 1_000_000);
    expect(time.machineNowUs(1_000_000)).toBe(3_990_000);
    expect(time.latencyOf(3_980_000, 1_000_000)).toBeUndefined();
  });

  it('T6 trusts less and less in what the machine said long ago', () => {
    const time = new MachineTime();
    time.handleExchange(exchange(900_300, 5_000_000));
    time.handleState(report(3_990_000, 2_000_000), 1_000_000);
    const fresh = time.delayToWorker(0, 1_000_000)?.uncertaintyMs;
    expect(fresh).toBeCloseTo(0.2);
    expect(time.delayToWorker(0, 5_000_000)?.uncertaintyMs).toBeCloseTo(0.2 + 4 * 0.5);
    const early = time.latencyOf(3_980_000, 1_000_000)?.uncertaintyMs ?? 0;
    const late = time.latencyOf(3_980_000, 5_000_000)?.uncertaintyMs ?? 0;
    expect(late - early).toBeCloseTo(2 * 4 * 0.5);
  });

  it.each([0, 2_000_000, -10_000_000, 47_722 * 1_000_000])(
    'T7 gives the way to a worker whose clock is %d µs ahead of the machine',
    (offsetUs) => {
      const time = new MachineTime();
      const captureUs = 90_000_000_000;
      const stamp = Math.floor(captureUs * 0.09) % 2 ** 32;
      const arrivedUs = captureUs + offsetUs + 12_000;
      const ticks = (Math.round(arrivedUs * 0.09) - stamp) >>> 0;
      expect(time.delayToWorker(ticks, 1_000_000)).toBeUndefined();
      time.handleState(report(captureUs), 1_000_000);
      expect(time.delayToWorker(ticks, 1_000_000)).toBeUndefined();
      time.handleState(report(captureUs, offsetUs), 1_000_000);
      expect(time.delayToWorker(ticks, 1_000_000)?.valueMs).toBeCloseTo(12, 1);
    },
  );
});
