import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { LossyLeg } from './testing/lossy-leg.ts';

const minuteUs = 60_000_000;
const megabyte = 1024 * 1024;
/** The cores' own limits. */
const limits = { historyBytes: 2 * megabyte, repairBytes: 4 * megabyte, missing: 256 };
/** All cores of both ends together, packets on their way included. */
const maxLegBytes = 24 * megabyte;

/** What is held and no garbage, bytes. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('memory of one leg', () => {
  it('M1: ten minutes of 30 % loss both ways leave every core within its limit', () => {
    const before = heldBytes();
    const leg = new LossyLeg({ loss: 0.3, oneWayUs: 15_000, seed: 5 });
    const held: number[] = [];
    for (let minute = 0; minute < 10; minute++) {
      leg.runUntil((minute + 1) * minuteUs, minute * minuteUs);
      held.push(heldBytes() - before);
    }
    expect(leg.pictures).toBeGreaterThan(17_000);
    expect(leg.held.historyBytes).toBeLessThanOrEqual(limits.historyBytes);
    expect(leg.held.repairBytes).toBeLessThanOrEqual(limits.repairBytes);
    expect(leg.held.missing).toBeLessThanOrEqual(limits.missing);
    expect(Math.max(...held)).toBeLessThan(maxLegBytes);
  }, 120_000);
});
