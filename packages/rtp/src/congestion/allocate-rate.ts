/** What one stream wants of the rate of its peer connection; a higher priority is served first. */
export type StreamDemand = { streamId: string; priority: number; minBps: number; maxBps: number };

/** What one stream gets. */
export type StreamRate = {
  streamId: string;
  bitrateBps: number;
  /** It gets less than its `minBps`. */
  belowMinimum: boolean;
};

type Share = { index: number; priority: number; minBps: number; maxBps: number; rate: number };

/** Halvings in search of the common level: 2⁻⁵⁰ of a rate is far below one bit per second. */
const levelSteps = 50;

/**
 * Divides a rate among streams (SPEC S1–S4): minima in order of priority, then what is left by priority up to the
 * maxima, equals among equals. The result is in the order of `streams`.
 */
export function allocateRate(totalBps: number, streams: readonly StreamDemand[]): StreamRate[] {
  const shares = streams.map(({ priority, minBps, maxBps }, index): Share => {
    const floor = Math.max(0, minBps);
    return { index, priority, minBps: floor, maxBps: Math.max(floor, maxBps), rate: 0 };
  });
  shares.sort((a, b) => b.priority - a.priority || a.index - b.index);
  let left = Math.max(0, totalBps);
  for (const share of shares) {
    share.rate = Math.min(left, share.minBps);
    left -= share.rate;
  }
  for (let first = 0; first < shares.length && left > 0; ) {
    const { priority } = shares[first] as Share;
    const equals = shares.filter((share) => share.priority === priority);
    left -= fillEquals(equals, left);
    first += equals.length;
  }
  const rates = new Array<number>(streams.length).fill(0);
  for (const share of shares) rates[share.index] = Math.floor(share.rate + 1e-6);
  return streams.map(({ streamId, minBps }, index) => {
    const bitrateBps = rates[index] as number;
    return { streamId, bitrateBps, belowMinimum: bitrateBps < Math.floor(minBps) };
  });
}

/** Raises the lowest of them to a common level, none past its maximum; gives what that took of `left`. */
function fillEquals(shares: readonly Share[], left: number): number {
  const before = shares.reduce((sum, share) => sum + share.rate, 0);
  let low = 0;
  let high = Math.max(...shares.map((share) => share.maxBps));
  if (totalAt(shares, high) - before > left) {
    for (let step = 0; step < levelSteps; step++) {
      const middle = (low + high) / 2;
      if (totalAt(shares, middle) - before > left) high = middle;
      else low = middle;
    }
  } else low = high;
  const taken = totalAt(shares, low) - before;
  for (const share of shares) share.rate = rateAt(share, low);
  return taken;
}

function rateAt(share: Share, level: number): number {
  return Math.max(share.rate, Math.min(share.maxBps, level));
}

function totalAt(shares: readonly Share[], level: number): number {
  return shares.reduce((sum, share) => sum + rateAt(share, level), 0);
}
