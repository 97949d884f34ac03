import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkModel } from './link-model.ts';
import type { LinkSettings } from './link-settings.ts';

const msUs = 1000;

/** Sends a packet at each time and says what became of it. */
function send(model: LinkModel, timesUs: readonly number[], bytes = 972) {
  return timesUs.map((sentUs) => ({ sentUs, fate: model.handlePacket(bytes, sentUs) }));
}

/** `count` times, `gapUs` apart. */
function every(gapUs: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => i * gapUs);
}

function lostOf(settings: LinkSettings, timesUs: readonly number[]): number[] {
  const sent = send(new LinkModel(settings, 0), timesUs);
  return sent.flatMap(({ fate }, i) => (fate.kind === 'dropped' ? [i] : []));
}

/** Delays of what arrived, ms. */
function delaysMs(settings: LinkSettings, timesUs: readonly number[], bytes?: number): number[] {
  return send(new LinkModel(settings, 0), timesUs, bytes).flatMap(({ sentUs, fate }) =>
    fate.kind === 'delivered' ? fate.dueUs.map((dueUs) => (dueUs - sentUs) / msUs) : [],
  );
}

function shareOf(part: readonly unknown[], whole: number): number {
  return part.length / whole;
}

describe('loss', () => {
  it('has the share that was asked for, and no packet is lost without it', () => {
    const times = every(msUs, 50_000);
    expect(lostOf({}, times)).toEqual([]);
    for (const share of [0.1, 0.3, 0.5]) {
      const lost = lostOf({ loss: { kind: 'uniform', share } }, times);
      expect(Math.abs(shareOf(lost, times.length) - share)).toBeLessThan(0.01);
    }
  });

  it('comes in bursts of the mean length with the mean share', () => {
    const count = 200_000;
    const loss = { kind: 'bursts', share: 0.05, meanBurstPackets: 5 } as const;
    const lost = lostOf({ loss }, every(msUs, count));
    const bursts = lost.filter((n, i) => lost[i - 1] !== n - 1);
    expect(Math.abs(shareOf(lost, count) - 0.05)).toBeLessThan(0.005);
    expect(Math.abs(lost.length / bursts.length - 5)).toBeLessThan(0.5);
  });

  it('hits the same packets with the same seed, whenever they are sent, and others with another', () => {
    const seeds = fc.integer({ min: 0, max: 1_000_000 });
    const gaps = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 300, maxLength: 300 });
    fc.assert(
      fc.property(seeds, gaps, fc.boolean(), (seed, gapsUs, isBursts) => {
        let nowUs = 0;
        const times = gapsUs.map((gapUs) => (nowUs += gapUs));
        const loss = isBursts
          ? ({ kind: 'bursts', share: 0.2, meanBurstPackets: 3 } as const)
          : ({ kind: 'uniform', share: 0.3 } as const);
        const lost = lostOf({ seed, loss }, times);
        expect(lostOf({ seed, loss, delayMs: 5 }, every(msUs, 300))).toEqual(lost);
        expect(lostOf({ seed: seed + 1, loss }, times)).not.toEqual(lost);
      }),
      { numRuns: 50 },
    );
  });
});

describe('delay', () => {
  it('is fixed without jitter', () => {
    expect(new Set(delaysMs({ delayMs: 7.5 }, every(333, 100)))).toEqual(new Set([7.5]));
  });

  it('jitters over its whole range, and packets overtake only when they may', () => {
    const times = every(20 * msUs, 2000);
    for (const order of ['kept', 'free'] as const) {
      const delays = delaysMs({ delayMs: 10, jitter: { maxMs: 50, order } }, times);
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
      expect(Math.max(...delays)).toBeLessThanOrEqual(60);
      expect(Math.max(...delays)).toBeGreaterThan(57);
      expect(Math.min(...delays)).toBeLessThan(15);
      const arrivals = delays.map((ms, i) => ms + i * 20);
      const overtaking = arrivals.filter((ms, i) => ms < (arrivals[i - 1] ?? 0));
      expect(overtaking.length > 0).toBe(order === 'free');
    }
  });

  it('holds one value for packets that are sent together', () => {
    const jitter = { maxMs: 50, order: 'kept', holdMs: 20 } as const;
    const pictures = every(100 * msUs, 500);
    const spread = pictures.map((startUs) => {
      const model = new LinkModel({ jitter }, 0);
      const [first = 0, last = 0] = [startUs, startUs + msUs].map((timeUs) => {
        const fate = model.handlePacket(1000, timeUs);
        return fate.kind === 'delivered' ? (fate.dueUs[0] ?? 0) - timeUs : Number.NaN;
      });
      return { first, isTogether: first === last };
    });
    expect(spread.every(({ isTogether }) => isTogether)).toBe(true);
    expect(new Set(spread.map(({ first }) => first)).size).toBeGreaterThan(400);
  });

  it('is not overtaken when the link becomes a faster one', () => {
    const slow = new LinkModel({ delayMs: 100 }, 0);
    slow.handlePacket(1000, 0);
    const fast = new LinkModel({ delayMs: 10 }, 5 * msUs, slow.lastDueUs);
    expect(fast.handlePacket(1000, 5 * msUs)).toEqual({ kind: 'delivered', dueUs: [100 * msUs] });
    expect(fast.handlePacket(1000, 95 * msUs)).toEqual({ kind: 'delivered', dueUs: [105 * msUs] });
  });
});

describe('duplication', () => {
  it('delivers the asked share twice', () => {
    const model = new LinkModel({ duplicateShare: 0.1, delayMs: 1 }, 0);
    const copies = send(model, every(msUs, 20_000)).map(({ fate }) =>
      fate.kind === 'delivered' ? fate.dueUs.length : 0,
    );
    expect(new Set(copies)).toEqual(new Set([1, 2]));
    expect(Math.abs(copies.filter((n) => n === 2).length / 20_000 - 0.1)).toBeLessThan(0.01);
  });
});

describe('rate', () => {
  // 972 bytes and 28 of headers: 1000 bytes take 8 ms at 1 Mbit/s.
  it('takes the time that a packet needs, headers included', () => {
    expect(delaysMs({ rate: 1000 }, every(10 * msUs, 3))).toEqual([8, 8, 8]);
    expect(delaysMs({ rate: 1000 }, [0, 0, 0])).toEqual([8, 16, 24]);
  });

  it('drops what finds the queue full, by time or by bytes', () => {
    const burst = every(0, 100);
    expect(delaysMs({ rate: 1000, queue: { ms: 200 } }, burst)).toHaveLength(25);
    expect(delaysMs({ rate: 1000, queue: { bytes: 10_000 } }, burst)).toHaveLength(10);
    const fate = new LinkModel({ rate: 1000, queue: { ms: 0 } }, 0).handlePacket(972, 0);
    expect(fate.kind).toBe('delivered');
  });

  it('follows its schedule, again and again', () => {
    const steps = [4000, 800].map((rateKbps) => ({ durationMs: 15_000, rateKbps }));
    // Offered: 5 Mbit/s.
    const model = new LinkModel({ rate: steps, queue: { ms: 250 } }, 0);
    const arrivals = send(model, every(1600, 60_000 / 1.6)).flatMap(({ fate }) =>
      fate.kind === 'delivered' ? fate.dueUs : [],
    );
    const kbps = [0, 1, 2, 3].map((part) => {
      const [fromUs, toUs] = [part * 15_000_000 + 2_000_000, (part + 1) * 15_000_000];
      const count = arrivals.filter((dueUs) => dueUs >= fromUs && dueUs < toUs).length;
      return (count * 8) / 13;
    });
    kbps.forEach((seen, part) => {
      expect(Math.abs(seen / (part % 2 === 0 ? 4000 : 800) - 1)).toBeLessThan(0.02);
    });
  });

  it('is used up by lost packets too', () => {
    const loss = { kind: 'uniform', share: 0.5 } as const;
    expect(Math.max(...delaysMs({ rate: 1000, loss }, every(0, 20)))).toBeGreaterThan(100);
  });
});

describe('outage', () => {
  it('drops everything in its part of each period and nothing else', () => {
    const times = every(msUs, 30_000);
    const lost = lostOf({ outage: { periodMs: 10_000, lengthMs: 400 } }, times);
    const expected = [9600, 19_600, 29_600].flatMap((startMs) =>
      every(1, 400).map((n) => startMs + n),
    );
    expect(lost).toEqual(expected);
    const early = { periodMs: 10_000, lengthMs: 400, offsetMs: 100 };
    expect(lostOf({ outage: early }, times).slice(0, 401)).toEqual([
      ...every(1, 400).map((n) => 100 + n),
      10_100,
    ]);
  });
});

describe('trace', () => {
  const trace = [
    { timeMs: 0, rateKbps: 8000, delayMs: 20, lossShare: 0 },
    { timeMs: 100, rateKbps: 0, delayMs: 30, lossShare: 0 },
    { timeMs: 200, rateKbps: 8000, delayMs: 10, lossShare: 0 },
    { timeMs: 300, rateKbps: 8000, delayMs: 40, lossShare: 1 },
  ];

  it('changes rate, delay and loss over time, and waits in a gap', () => {
    const at = (ms: number) => delaysMs({ trace }, [ms * msUs]);
    expect(at(50)).toEqual([21]);
    // Sent in the gap: until 200 it waits, then it takes a millisecond.
    expect(at(150)).toEqual([61]);
    expect(at(250)).toEqual([11]);
    expect(at(350)).toEqual([]);
  });

  it('repeats, and a packet may need several gaps to get through', () => {
    expect(delaysMs({ trace }, [4_050 * msUs])).toEqual([21]);
    const narrow = [
      { timeMs: 0, rateKbps: 8, delayMs: 0, lossShare: 0 },
      { timeMs: 100, rateKbps: 0, delayMs: 0, lossShare: 0 },
    ];
    // 8000 bits at 800 bits a period of 200 ms.
    const [delay = 0] = delaysMs({ trace: narrow }, [0]);
    expect(delay).toBeCloseTo(9 * 200 + 100, 3);
  });
});

const settings: fc.Arbitrary<LinkSettings> = fc.record(
  {
    seed: fc.integer(),
    delayMs: fc.integer({ min: 0, max: 100 }),
    jitter: fc.record({
      maxMs: fc.integer({ min: 0, max: 100 }),
      order: fc.constantFrom('kept', 'free'),
      holdMs: fc.constantFrom(0, 20),
    }),
    loss: fc.oneof(
      fc.record({
        kind: fc.constant('uniform'),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({
        kind: fc.constant('bursts'),
        share: fc.double({ min: 0, max: 0.5, noNaN: true }),
        meanBurstPackets: fc.integer({ min: 1, max: 20 }),
      }),
    ),
    duplicateShare: fc.double({ min: 0, max: 1, noNaN: true }),
    rate: fc.oneof(
      fc.integer({ min: 10, max: 100_000 }),
      fc.array(
        fc.record({
          durationMs: fc.integer({ min: 1, max: 1000 }),
          rateKbps: fc.integer({ min: 10, max: 20_000 }),
        }),
        { minLength: 1, maxLength: 5 },
      ),
    ),
    queue: fc.oneof(
      fc.record({ ms: fc.integer({ min: 0, max: 500 }) }),
      fc.record({ bytes: fc.integer({ min: 0, max: 100_000 }) }),
    ),
    outage: fc.constant({ periodMs: 1000, lengthMs: 100 }),
  },
  { requiredKeys: [] },
);
const packets = fc.array(
  fc.record({
    gapUs: fc.integer({ min: 0, max: 20_000 }),
    bytes: fc.integer({ min: 0, max: 1500 }),
  }),
  { maxLength: 300 },
);

describe('any link', () => {
  it('delivers nothing before its delay, keeps order unless told otherwise and the rate always', () => {
    fc.assert(
      fc.property(settings, packets, (link, sent) => {
        const model = new LinkModel(link, 0);
        let nowUs = 0;
        let lastUs = 0;
        let departedBits = 0;
        for (const { gapUs, bytes } of sent) {
          nowUs += gapUs;
          const fate = model.handlePacket(bytes, nowUs);
          if (fate.kind === 'dropped') continue;
          departedBits += (bytes + 28) * 8;
          for (const dueUs of fate.dueUs) {
            expect(dueUs).toBeGreaterThanOrEqual(nowUs + (link.delayMs ?? 0) * msUs);
            if (link.jitter?.order !== 'free') expect(dueUs).toBeGreaterThanOrEqual(lastUs);
            lastUs = Math.max(lastUs, dueUs);
          }
          const greatestKbps = ratesOf(link).reduce((most, kbps) => Math.max(most, kbps), 0);
          if (link.rate !== undefined) {
            expect(departedBits).toBeLessThanOrEqual((lastUs * greatestKbps) / 1000 + 0.01);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets no packet wait longer than a queue of fixed rate holds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), packets, (ms, sent) => {
        const model = new LinkModel({ rate: 1000, queue: { ms } }, 0);
        let nowUs = 0;
        for (const { gapUs, bytes } of sent) {
          nowUs += gapUs;
          const fate = model.handlePacket(bytes, nowUs);
          const ownUs = (bytes + 28) * 8;
          const [dueUs = 0] = fate.kind === 'delivered' ? fate.dueUs : [];
          // One packet is on the link already when the queue fills.
          expect(dueUs - nowUs).toBeLessThanOrEqual(Math.max(ms * msUs, ownUs) + 0.01);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('does the same again with the same seed', () => {
    fc.assert(
      fc.property(settings, (link) => {
        const run = () => send(new LinkModel(link, 0), every(700, 200));
        expect(run()).toEqual(run());
      }),
      { numRuns: 50 },
    );
  });

  it('refuses settings that make no sense', () => {
    const wrong: LinkSettings[] = [
      { delayMs: -1 },
      { delayMs: Number.NaN },
      { duplicateShare: 2 },
      { loss: { kind: 'uniform', share: 1.5 } },
      { loss: { kind: 'bursts', share: 0.9, meanBurstPackets: 2 } },
      { rate: 0 },
      { rate: [] },
      { rate: [{ durationMs: 0, rateKbps: 5 }] },
      { rate: 5, trace: [{ timeMs: 0, rateKbps: 5, delayMs: 0, lossShare: 0 }] },
      { queue: { ms: -5 } },
      { outage: { periodMs: 100, lengthMs: 200 } },
    ];
    for (const each of wrong) expect(() => new LinkModel(each, 0)).toThrow(RangeError);
  });
});

function ratesOf({ rate }: LinkSettings): number[] {
  if (rate === undefined) return [];
  return typeof rate === 'number' ? [rate] : rate.map(({ rateKbps }) => rateKbps);
}
