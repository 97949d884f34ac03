import { describe, expect, it } from 'vitest';
import { leastParity } from './block-failure.ts';
import { RedundancyPolicy } from './redundancy-policy.ts';

const second = 1e6;

function policyAt(lossShare: number, rttMs = 15, burstPackets = 1): RedundancyPolicy {
  const policy = new RedundancyPolicy();
  policy.setRoundTripUs(rttMs * 1000);
  for (let atUs = 0; atUs <= 20 * second; atUs += 250_000) {
    policy.handleLoss({ lossShare, burstPackets }, atUs);
  }
  return policy;
}

/** Probability that more than `parity` of `sources` + `parity` packets are lost, each by itself. */
function binomialFailure(sources: number, parity: number, loss: number): number {
  const sent = sources + parity;
  let term = (1 - loss) ** sent;
  let enough = term;
  for (let lost = 1; lost <= parity; lost++) {
    term *= ((sent - lost + 1) / lost) * (loss / (1 - loss));
    enough += term;
  }
  return 1 - enough;
}

describe('redundancy policy', () => {
  it('F10 adds nothing while nothing is lost, nor at a loss below 0.2 %', () => {
    expect(new RedundancyPolicy().parityFor(10)).toBe(0);
    expect(policyAt(0).parityFor(40)).toBe(0);
    expect(policyAt(0.0015).parityFor(40)).toBe(0);
    expect(policyAt(0.02).parityFor(10)).toBeGreaterThan(0);
  });

  it('F11 follows a rise at the next feedback and falls back within about 10 s', () => {
    const policy = policyAt(0);
    policy.handleLoss({ lossShare: 0.3, burstPackets: 1.4 }, 20.05 * second);
    const risen = policy.parityFor(10);
    expect(risen).toBeGreaterThanOrEqual(3);
    const during = policyAt(0.3);
    const high = during.parityFor(10);
    const fallTo = (untilUs: number) => {
      for (let atUs = 20.05 * second; atUs <= untilUs; atUs += 50_000) {
        during.handleLoss({ lossShare: 0, burstPackets: 1 }, atUs);
      }
      return during.parityFor(10);
    };
    expect(fallTo(21 * second)).toBeGreaterThanOrEqual(0.7 * high);
    expect(fallTo(35 * second)).toBeLessThanOrEqual(high / 3);
    expect(fallTo(90 * second)).toBe(0);
  });

  it('F12 lets few blocks fail on a short round trip, and hardly any on a long one', () => {
    for (const loss of [0.02, 0.05, 0.1, 0.2, 0.3, 0.5]) {
      for (const sources of [4, 10, 25, 40, 64]) {
        const short = policyAt(loss, 20).parityFor(sources);
        expect(binomialFailure(sources, short, loss)).toBeLessThan(0.07);
        const far = policyAt(loss, 150);
        far.setMaxShare(10);
        const long = far.parityFor(sources);
        expect(binomialFailure(sources, long, loss)).toBeLessThan(0.0005);
        expect(long).toBeGreaterThan(short);
      }
    }
  });

  it('F13 reckons with losses in runs: the chain model agrees with plain counting where there are none', () => {
    for (const sources of [1, 5, 10, 40]) {
      const loss = { lossShare: 0.1, burstPackets: 1 };
      const parity = leastParity(sources, loss, 0.009, 60);
      expect(binomialFailure(sources, parity, 0.1)).toBeLessThanOrEqual(0.009);
      expect(binomialFailure(sources, parity - 1, 0.1)).toBeGreaterThan(0.009);
    }
    expect(policyAt(0.05, 150, 5).parityFor(10)).toBeGreaterThan(policyAt(0.05, 150).parityFor(10));
    expect(policyAt(0.05, 15, 5).parityFor(10)).toBeGreaterThan(policyAt(0.05, 15).parityFor(10));
  });

  it('F14 keeps to the share that the rate leaves', () => {
    const policy = policyAt(0.5);
    expect(policy.parityFor(10)).toBeGreaterThan(10);
    policy.setMaxShare(0.5);
    expect(policy.parityFor(10)).toBe(5);
    policy.setMaxShare(0);
    expect(policy.parityFor(10)).toBe(0);
    policy.setMaxShare(2);
    expect(policy.parityFor(10)).toBeGreaterThan(10);
  });

  it('F15 sends a repeat once at low loss, up to three times at high loss', () => {
    expect(policyAt(0.01).copies).toBe(1);
    expect(policyAt(0.1).copies).toBe(2);
    expect(policyAt(0.5).copies).toBe(3);
  });

  it('F10 stands reports that no controller gives', () => {
    const policy = new RedundancyPolicy();
    for (const value of [Number.NaN, -1, 7, Number.POSITIVE_INFINITY]) {
      policy.handleLoss({ lossShare: value, burstPackets: value }, 0);
      expect(policy.parityFor(10)).toBeGreaterThanOrEqual(0);
      expect(policy.parityFor(64)).toBeLessThanOrEqual(192);
    }
  });
});
