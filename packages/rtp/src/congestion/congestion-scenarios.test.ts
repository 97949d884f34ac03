import { describe, expect, it } from 'vitest';
import {
  figuresOf,
  secondsUntilQueueBelow,
  secondsUntilRateBelow,
  usableShare,
} from './testing/leg-figures.ts';
import { SeededRandom } from './testing/seeded-random.ts';
import { type LegOptions, simulateLeg } from './testing/simulate-leg.ts';

const applicationBps = 2_500_000;
const seeds = [1, 2, 3];
/** Our own feedback and that of browsers. */
const receivers = [{ isBrowser: false }, { isBrowser: true }];

/** Every seed with every kind of receiver. */
function each(options: LegOptions, check: (run: ReturnType<typeof simulateLeg>) => void): void {
  for (const seed of seeds) {
    for (const receiver of receivers) check(simulateLeg({ ...options, ...receiver, seed }));
  }
}

const stepBps = (nowUs: number) => (Math.floor(nowUs / 15e6) % 2 === 0 ? 4e6 : 0.8e6);

describe('congestion control on a simulated leg', () => {
  it('C6: 1 Mbit/s with 200 ms of queue: used to 90 %, queue p95 below 60 ms', () => {
    each({ seconds: 20, forward: { rateBps: () => 1e6 } }, (run) => {
      const { queueP95Ms, receivedBps } = figuresOf(run, 3);
      expect(queueP95Ms).toBeLessThan(60);
      expect(receivedBps).toBeGreaterThan(0.9e6);
      expect(run.dropped).toBe(0);
    });
  });

  it('C6: the same over a long way, with loss, at 300 kbit/s', () => {
    const far = simulateLeg({ seconds: 30, forward: { rateBps: () => 1.5e6, delayUs: 60_000 } });
    expect(figuresOf(far, 10).queueP95Ms).toBeLessThan(75);
    expect(figuresOf(far, 10).receivedBps).toBeGreaterThan(1.2e6);
    const lossy = { rateBps: () => 1.5e6, loss: 0.1 };
    const repaired = simulateLeg({ seconds: 30, redundancy: 0.4, forward: lossy });
    expect(figuresOf(repaired, 10).queueP95Ms).toBeLessThan(80);
    expect(figuresOf(repaired, 10).receivedBps).toBeGreaterThan(1.2e6);
    const thin = simulateLeg({ seconds: 30, forward: { rateBps: () => 3e5 } });
    expect(figuresOf(thin, 10).queueP95Ms).toBeLessThan(130);
    expect(figuresOf(thin, 10).receivedBps).toBeGreaterThan(0.24e6);
  });

  it('C7, C8: 4 → 0.8 → 4 Mbit/s: lower within 0.25 s, the queue gone within 1 s, the rate back within 5 s', () => {
    const forward = { rateBps: stepBps, queueUs: 250_000 };
    each({ seconds: 46, forward }, (run) => {
      expect(figuresOf(run, 15, 30).queueMaxMs).toBeLessThan(350);
      expect(secondsUntilQueueBelow(run, 15, 20, 50)).toBeLessThan(1);
      expect(secondsUntilRateBelow(run, 15, 0.8e6)).toBeLessThan(0.25);
      expect(figuresOf(run, 18, 30).receivedBps).toBeGreaterThan(0.9 * 0.8e6);
      expect(figuresOf(run, 35, 45).targetLeastBps).toBeGreaterThan(0.9 * applicationBps);
    });
  });

  it('C6, C7: a link like 4G, with hand-over gaps: queue p95 at most 120 ms', () => {
    for (const seed of seeds) {
      const run = simulateLeg({ seed, seconds: 60, forward: mobileLink(seed) });
      const { queueP95Ms, receivedBps } = figuresOf(run, 5);
      expect(queueP95Ms).toBeLessThan(120);
      expect(receivedBps).toBeGreaterThan(1.8e6);
    }
  });

  it('C9, C10: the same, the weaker the slower by up to 30 ms: no delay of its own is taken for a queue', () => {
    for (const seed of seeds) {
      const run = simulateLeg({ seed, seconds: 60, forward: wanderingLink(seed) });
      const { queueP95Ms, receivedBps } = figuresOf(run, 5);
      expect(queueP95Ms).toBeLessThan(120);
      expect(receivedBps).toBeGreaterThan(1.8e6);
    }
  });

  it('C9: jitter of 0 to 50 ms in order takes less than a fifth of the rate', () => {
    const jitter = { jitterUs: () => 50_000, jitterHoldUs: 20_000 };
    each({ seconds: 20, startBps: applicationBps, forward: jitter, backward: jitter }, (run) => {
      expect(usableShare(figuresOf(run, 5).moments, applicationBps)).toBeGreaterThan(0.8);
    });
    const perPacket = { jitterUs: () => 50_000 };
    each({ seconds: 20, startBps: applicationBps, forward: perPacket }, (run) => {
      expect(usableShare(figuresOf(run, 5).moments, applicationBps)).toBeGreaterThan(0.8);
    });
  });

  it('C10: a way that becomes 80 ms longer costs a second, not the rate', () => {
    const moreDelayUs = (us: number) => (us < 10e6 ? 0 : 80_000);
    each({ seconds: 20, forward: { moreDelayUs } }, (run) => {
      expect(figuresOf(run, 14).targetLeastBps).toBeGreaterThan(applicationBps);
    });
  });

  it('C3, C11: 10, 30 and 50 % loss lower nothing, and are measured', () => {
    for (const [loss, redundancy] of [
      [0.1, 0.4],
      [0.3, 1.2],
      [0.5, 2.5],
    ] as const) {
      const options = { seconds: 10, maxBps: 12e6, startBps: 4e6, redundancy, forward: { loss } };
      each(options, (run) => {
        const { moments, targetLeastBps } = figuresOf(run, 4);
        expect(targetLeastBps).toBeGreaterThan(applicationBps * (1 + redundancy));
        expect(moments.filter((moment) => moment.isStarved).length).toBeLessThan(10);
        const errors = moments.map((moment) => Math.abs(moment.lossShare - loss));
        expect(Math.max(...errors)).toBeLessThan(0.1);
        // Independent losses come in runs of 1 ÷ (1 − loss) on average.
        const runs = moments.map((moment) => moment.burstPackets * (1 - loss));
        expect(Math.min(...runs)).toBeGreaterThan(0.8);
        expect(Math.max(...runs)).toBeLessThan(1.25);
      });
    }
  });

  it('C3, C11: bursts of losses, and 5 % over a long way', () => {
    each({ seconds: 20, redundancy: 0.4, forward: { loss: 0.05, burst: 5 } }, (run) => {
      const { moments, targetLeastBps } = figuresOf(run, 8);
      expect(targetLeastBps).toBeGreaterThan(applicationBps * 1.4);
      expect(moments.at(-1)?.burstPackets).toBeGreaterThan(3);
    });
    each({ seconds: 20, redundancy: 0.4, forward: { loss: 0.05, delayUs: 60_000 } }, (run) => {
      expect(figuresOf(run, 8).targetLeastBps).toBeGreaterThan(applicationBps * 1.4);
    });
  });

  it('C12: a queue too short to be seen loses little, with and without loss of the link', () => {
    const forward = { rateBps: () => 2e6, queueUs: 15_000 };
    const run = simulateLeg({ seconds: 30, pacing: 1.5, forward });
    const { receivedBps, moments } = figuresOf(run, 10);
    expect(receivedBps).toBeGreaterThan(1.6e6);
    expect(mean(moments.map((moment) => moment.lossShare))).toBeLessThan(0.05);
    const lossy = { ...forward, loss: 0.1 };
    const worse = figuresOf(simulateLeg({ seconds: 30, pacing: 1.5, forward: lossy }), 10);
    expect(worse.receivedBps).toBeGreaterThan(1.5e6);
    expect(mean(worse.moments.map((moment) => moment.lossShare))).toBeLessThan(0.25);
  });

  it('C4, C14, C15: 400 ms of outage: starved, no loss counted, goes on at 0.8', () => {
    const isOut = (us: number) => us > 8e6 && us < 8.4e6;
    const options = { seconds: 12, maxBps: 3e6, forward: { isOut }, backward: { isOut } };
    each(options, (run) => {
      const { moments, targetLeastBps } = figuresOf(run, 7);
      expect(targetLeastBps).toBeGreaterThan(0.75 * 3e6);
      expect(targetLeastBps).toBeLessThan(0.85 * 3e6);
      expect(Math.max(...moments.map((moment) => moment.lossShare))).toBeLessThan(0.02);
      const starved = moments.filter((moment) => moment.isStarved);
      expect(starved.length).toBeGreaterThan(5);
      expect(Math.max(...starved.map((moment) => moment.atUs))).toBeLessThan(8.6e6);
      expect(moments.at(-1)?.targetBps).toBe(3e6);
    });
  });

  it('C5: clocks that drift apart by 100 ppm make no queue', () => {
    for (const clockDrift of [1e-4, -1e-4]) {
      const run = simulateLeg({ seconds: 60, clockDrift, forward: {} });
      const { moments } = figuresOf(run, 5);
      expect(Math.max(...moments.map((moment) => moment.queueDelayUs))).toBeLessThan(4_000);
      expect(figuresOf(run, 10).targetLeastBps).toBeGreaterThan(applicationBps);
    }
  });

  it('C8, C16: thin frames alone show nothing: probes find a link that became free', () => {
    const rateBps = (us: number) => (us < 10e6 ? 1.5e5 : 4e6);
    const run = simulateLeg({ seconds: 30, minBps: 80_000, startBps: 1.5e5, forward: { rateBps } });
    expect(figuresOf(run, 5, 10).targetMostBps).toBeLessThan(0.3e6);
    expect(run.probeBytes).toBeGreaterThan(0);
    expect(run.probeBytes).toBeLessThan(0.1 * run.sentBytes);
    expect(figuresOf(run, 30).targetLeastBps).toBeGreaterThan(2e6);
  });
});

/** 4 Mbit/s that wander between about 1 and 10, and stand still for 150 ms every 8 to 16 s. */
function mobileLink(seed: number): LegOptions['forward'] {
  const random = new SeededRandom(seed);
  const rates: number[] = [];
  let level = 0;
  for (let index = 0; index < 1_200; index++) {
    level = 0.97 * level + 0.41 * (2 * random.next() - 1);
    rates.push(4e6 * Math.exp(0.5 * level) * (0.8 + 0.4 * random.next()));
  }
  const gaps: number[] = [];
  for (let at = 6; at < 60; at += 8 + 8 * random.next()) gaps.push(at * 1e6);
  const rateBps = (us: number) =>
    gaps.some((gap) => us >= gap && us < gap + 150_000)
      ? 0
      : (rates[Math.floor(us / 50_000) % rates.length] as number);
  return { rateBps, queueUs: 400_000, delayUs: 20_000 };
}

/** The same, with a delay that changes every 100 ms and follows the rate: 15 to 45 ms. */
function wanderingLink(seed: number): LegOptions['forward'] {
  const link = mobileLink(seed);
  const random = new SeededRandom(seed + 100);
  const wobbles = Array.from({ length: 600 }, () => 20_000 * (random.next() - 0.5));
  const moreDelayUs = (us: number) => {
    const rateBps = link.rateBps?.(us) ?? 0;
    const weakness = Math.min(1, Math.max(0, 1 - Math.log(Math.max(1e6, rateBps) / 1e6) / 2.3));
    const wobbleUs = wobbles[Math.floor(us / 100_000) % wobbles.length] as number;
    return Math.min(30_000, Math.max(0, 30_000 * weakness + wobbleUs));
  };
  return { ...link, delayUs: 15_000, moreDelayUs };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
