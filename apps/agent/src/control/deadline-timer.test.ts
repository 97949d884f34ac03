import { describe, expect, it } from 'vitest';
import { machineClock } from '../local/machine-clock.ts';
import { DeadlineTimer } from './deadline-timer.ts';

/** When the timer called back, µs after its deadline. */
function fired(plan: (timer: DeadlineTimer, nowUs: number) => number, exact: boolean) {
  return new Promise<number>((resolve) => {
    let deadlineUs = 0;
    const timer = new DeadlineTimer(machineClock, () => {
      timer.close();
      resolve(machineClock.nowUs() - deadlineUs);
    });
    deadlineUs = plan(timer, machineClock.nowUs());
    timer.set(deadlineUs, exact);
  });
}

describe('deadline timer', () => {
  it.each([true, false])('calls back at its deadline, never before (exact: %s)', async (exact) => {
    const lateUs = await fired((_timer, nowUs) => nowUs + 12_300, exact);
    expect(lateUs).toBeGreaterThanOrEqual(0);
    expect(lateUs).toBeLessThan(200_000);
  });

  it('follows a deadline that moves away, and one that comes nearer', async () => {
    for (const [firstUs, thenUs] of [
      [5_000, 25_000],
      [500_000, 8_000],
    ] as const) {
      const lateUs = await fired((timer, nowUs) => {
        timer.set(nowUs + firstUs, true);
        return nowUs + thenUs;
      }, true);
      expect(lateUs).toBeGreaterThanOrEqual(0);
      expect(lateUs).toBeLessThan(200_000);
    }
  });
});
