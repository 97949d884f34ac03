import { type LossProcess, leastParity } from './block-failure.ts';
import { maxFecRows } from './parity-matrix.ts';

/** What a feedback says of the leg, before any repair. */
export type LossReport = { lossShare: number; burstPackets: number };

/** Below this nothing is lost that a repeat would not bring. */
const leastLossShare = 0.002;
const greatestLossShare = 0.6;
const greatestBurst = 20;
/** Means over these times; the greatest counts: fast to raise, slow to fall. */
const meanTimesUs = [60_000, 2_000_000, 8_000_000];
/** Repeats are few where there is parity, and late: a second and a third copy cost little. */
const twoCopiesFrom = 0.05;
const threeCopiesFrom = 0.25;
const burstTimeUs = 2_000_000;
/** The time that the first report stands for. */
const firstReportUs = 50_000;
/** Unrecoverable blocks that are all right: many while a repeat comes in time, hardly any when it does not. */
const shortRtt = { us: 70_000, target: 0.06 };
const longRtt = { us: 110_000, target: 0.0002 };
/** Where requests get lost as well, repeats help less: between these shares of loss the first of them falls. */
const heavyLoss = { fromShare: 0.15, toShare: 0.3, factor: 0.25 };
/** Against long bursts so many times more blocks may fail. */
const greatestRelief = 1.25;
/** Steps in which the loss share is rounded up, so that results can be kept. */
const stepsPerOctave = 6;

/** Decides how much parity a block gets and how often a repeat is sent (SPEC F10–F14). */
export class RedundancyPolicy {
  readonly #means = meanTimesUs.map((timeUs) => ({ timeUs, share: 0 }));
  #burst = 1;
  #reportedUs: number | undefined;
  /** Time that the reports so far cover. */
  #knownUs = 0;
  #rttUs = 50_000;
  #maxShare = 3;
  /** The loss share that was planned with, rounded; 0 is none. */
  #lossShare = 0;
  /** Mean burst length planned with, in quarters. */
  #burstRounded = 4;
  /** By number of sources; emptied when loss or round trip change. */
  readonly #parity = new Map<number, number>();

  /** Takes the loss of the packets that one feedback covers; the first of all is believed at once. */
  handleLoss({ lossShare, burstPackets }: LossReport, nowUs: number): void {
    const share = clamp(lossShare, 0, greatestLossShare);
    const burst = clamp(burstPackets, 1, greatestBurst);
    const elapsedUs =
      this.#reportedUs === undefined ? firstReportUs : Math.max(0, nowUs - this.#reportedUs);
    this.#reportedUs = nowUs;
    this.#knownUs += elapsedUs;
    let greatest = 0;
    for (const mean of this.#means) {
      mean.share += (share - mean.share) * this.#weight(elapsedUs, mean.timeUs);
      greatest = Math.max(greatest, mean.share);
    }
    if (share > 0) this.#burst += (burst - this.#burst) * this.#weight(elapsedUs, burstTimeUs);
    const rounded = roundUp(greatest);
    const burstRounded = Math.round(this.#burst * 4);
    if (rounded === this.#lossShare && burstRounded === this.#burstRounded) return;
    this.#lossShare = rounded;
    this.#burstRounded = burstRounded;
    this.#parity.clear();
  }

  /** What a report counts in a mean over this time: at first all reports count alike. */
  #weight(elapsedUs: number, meanUs: number): number {
    return Math.max(1 - Math.exp(-elapsedUs / meanUs), elapsedUs / Math.max(this.#knownUs, 1));
  }

  /** The leg's round trip, µs: the longer, the less a repeat can do. */
  setRoundTripUs(us: number): void {
    if (Math.abs(us - this.#rttUs) < this.#rttUs / 10) return;
    this.#rttUs = us;
    this.#parity.clear();
  }

  /** Most parity packets for each source packet: what the rate leaves. */
  setMaxShare(share: number): void {
    this.#maxShare = clamp(share, 0, maxFecRows);
  }

  /** Parity packets for a block of so many sources. */
  parityFor(sources: number): number {
    if (this.#lossShare === 0) return 0;
    let parity = this.#parity.get(sources);
    if (parity === undefined) {
      const loss = { lossShare: this.#lossShare, burstPackets: this.#burstRounded / 4 };
      const target = failureTarget(this.#rttUs, loss);
      parity = leastParity(sources, loss, target, Math.min(maxFecRows, 4 * sources + 4));
      this.#parity.set(sources, parity);
    }
    return Math.min(parity, Math.floor(this.#maxShare * sources + 1e-9));
  }

  /** Mean length of loss runs that it counts with, packets. */
  get burstPackets(): number {
    return this.#burst;
  }

  /** How often one repeat is sent: 1 to 3. */
  get copies(): number {
    if (this.#lossShare < twoCopiesFrom) return 1;
    return this.#lossShare < threeCopiesFrom ? 2 : 3;
  }
}

/**
 * How often a block may fail. Against bursts parity is dear (each further packet helps a little only), and a repeat
 * comes after the burst: more may fail.
 */
function failureTarget(rttUs: number, { lossShare, burstPackets }: LossProcess): number {
  const way = clamp((rttUs - shortRtt.us) / (longRtt.us - shortRtt.us), 0, 1);
  const { fromShare, toShare, factor } = heavyLoss;
  const short =
    shortRtt.target * factor ** clamp((lossShare - fromShare) / (toShare - fromShare), 0, 1);
  const target = short * (longRtt.target / short) ** way;
  return target * clamp(burstPackets * (1 - lossShare), 1, greatestRelief);
}

/** 0 when there is nothing to protect against; else the next step up. */
function roundUp(share: number): number {
  if (share < leastLossShare) return 0;
  const step = Math.ceil(Math.log2(share) * stepsPerOctave - 0.5);
  return Math.min(greatestLossShare, 2 ** (step / stepsPerOctave));
}

function clamp(value: number, least: number, most: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : least;
}
