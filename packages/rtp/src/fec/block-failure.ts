/** Loss of a leg as a chain of two states: how many of all packets are lost, and how many in a row on average. */
export type LossProcess = { lossShare: number; burstPackets: number };

/** Probabilities of losing 0, 1, 2 … packets so far, apart by whether the newest one was lost. */
type LossCounts = { afterArrival: Float64Array; afterLoss: Float64Array };

/**
 * The least number of parity packets (up to `most`) with which a block of `sources` can be lost (more packets missing
 * than there are parity packets) with a probability of at most `target`.
 * Packets are lost as in a Gilbert chain; with bursts of 1 / (1 − loss) packets each is lost by itself.
 */
export function leastParity(
  sources: number,
  loss: LossProcess,
  target: number,
  most: number,
): number {
  const chain = transitions(loss);
  const counts: LossCounts = {
    afterArrival: new Float64Array(most + 2),
    afterLoss: new Float64Array(most + 2),
  };
  counts.afterArrival[0] = 1 - loss.lossShare;
  counts.afterLoss[1] = loss.lossShare;
  for (let sent = 1; sent < sources; sent++) sendOne(counts, chain);
  for (let parity = 0; parity < most; parity++) {
    if (moreThan(parity, counts) <= target) return parity;
    sendOne(counts, chain);
  }
  return most;
}

type Transitions = { lossAfterArrival: number; lossAfterLoss: number };

function transitions({ lossShare, burstPackets }: LossProcess): Transitions {
  const uniform = 1 / (1 - lossShare);
  const burst = Math.max(burstPackets, uniform);
  return { lossAfterArrival: lossShare / ((1 - lossShare) * burst), lossAfterLoss: 1 - 1 / burst };
}

function sendOne({ afterArrival, afterLoss }: LossCounts, chain: Transitions): void {
  for (let lost = afterLoss.length - 1; lost >= 0; lost--) {
    const arrivedBefore = afterArrival[lost] as number;
    const lostBefore = afterLoss[lost] as number;
    const oneLess = lost === 0 ? 0 : (afterArrival[lost - 1] as number) * chain.lossAfterArrival;
    const oneLessLost = lost === 0 ? 0 : (afterLoss[lost - 1] as number) * chain.lossAfterLoss;
    afterArrival[lost] =
      arrivedBefore * (1 - chain.lossAfterArrival) + lostBefore * (1 - chain.lossAfterLoss);
    afterLoss[lost] = oneLess + oneLessLost;
  }
}

/** Counts past the table's end are not in it: what is left of 1. */
function moreThan(parity: number, { afterArrival, afterLoss }: LossCounts): number {
  let enough = 0;
  for (let lost = 0; lost <= parity; lost++) {
    enough += (afterArrival[lost] as number) + (afterLoss[lost] as number);
  }
  return 1 - enough;
}
