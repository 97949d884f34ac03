import {
  boundAbove,
  boundBelow,
  type Corner,
  type Corridor,
  isOpen,
  openCorridor,
  widthAt,
} from './clock-corridor.ts';

/** The four times of a three-stamp exchange, µs: ours (sent, arrived) and the other side's (received, replied). */
export type ClockExchange = {
  sentUs: number;
  receivedUs: number;
  repliedUs: number;
  arrivedUs: number;
};

/** How far the other clock is ahead of ours, and how far that may be wrong, µs. */
export type ClockOffset = { offsetUs: number; uncertaintyUs: number };

export type ClockSyncOptions = {
  /** Exchanges older than this are forgotten, µs. Default 120 s: enough to see through a jittery path. */
  windowUs?: number;
  /** Without an exchange for so long there is no offset, µs. Default 30 s. */
  silenceUs?: number;
  /** How fast the two clocks may run apart, parts per million. Default `maxSkewPpm`. */
  skewPpm?: number;
};

/** As fast as an operating system slews its clock (NTP's limit); crystals stay below a fifth of it. */
export const maxSkewPpm = 500;
/** How much a skew may change in a second by temperature, parts per million. */
const wanderPpmPerS = 0.02;
/** What most pairs of clocks run apart by: without evidence a skew is not believed to be larger. */
const usualSkewPpm = 50;
/** Of the exchanges of so long only the tightest bounds are kept, µs: that bounds memory and work. */
const slotUs = 1_000_000;
/** A browser's clock counts in steps of so much, at best; some browsers' in whole milliseconds, µs. */
const fineStepUs = 100;
const coarseStepUs = 1000;
/** A path on which packets wait for less than this all the same, µs. */
const leastWaitUs = 10;

type Limit = { offsetUs: number; atUs: number };
/** The tightest that the exchanges of one slot say. */
type Slot = { index: number; most: Limit; least: Limit; exchanges: number; tripSumUs: number };
/**
 * Newest knowledge, relative to `offsetUs` at `atUs`: the likeliest course, and what the offset is between for certain,
 * however the clocks' speeds changed meanwhile.
 */
type Fit = { atUs: number; offsetUs: number; course: Corner; leastUs: number; mostUs: number };

/**
 * Offset to another clock out of repeated exchanges, while both run at slightly different speeds and packets wait by
 * different times on their ways. Pure. Rules: SPEC.md C1 to C9.
 */
export class ClockSync {
  readonly #windowUs: number;
  readonly #silenceUs: number;
  readonly #maxSkew: number;
  /** Oldest first; at most the window's number of slots. */
  #slots: Slot[] = [];
  #fit: Fit | undefined;
  #stepUs = coarseStepUs;

  constructor(options: ClockSyncOptions = {}) {
    this.#windowUs = options.windowUs ?? 120_000_000;
    this.#silenceUs = options.silenceUs ?? 30_000_000;
    this.#maxSkew = (options.skewPpm ?? maxSkewPpm) / 1_000_000;
  }

  /** Takes one exchange; says false when its stamps cannot be true. */
  handleExchange(exchange: ClockExchange): boolean {
    const { sentUs, receivedUs, repliedUs, arrivedUs } = exchange;
    const tripUs = arrivedUs - sentUs - (repliedUs - receivedUs);
    if (!Number.isFinite(tripUs) || tripUs < 0 || repliedUs < receivedUs || arrivedUs < sentUs) {
      return false;
    }
    if (isFine(sentUs) || isFine(arrivedUs)) this.#stepUs = fineStepUs;
    // A packet cannot arrive before it left; the rest is what the stamps themselves may be off.
    const slackUs = this.#stepUs + this.#maxSkew * (arrivedUs - sentUs);
    const most = { offsetUs: receivedUs - sentUs + slackUs, atUs: arrivedUs };
    const least = { offsetUs: repliedUs - arrivedUs - slackUs, atUs: arrivedUs };
    const index = Math.floor(arrivedUs / slotUs);
    const newest = { index, most, least, exchanges: 1, tripSumUs: tripUs };
    this.#keep(newest);
    if (!this.#update(arrivedUs)) {
      // The others of its slot are from before a step.
      this.#slots = [newest];
      this.#update(arrivedUs);
    }
    return true;
  }

  /** Best knowledge at `nowUs` (our clock), or undefined when no exchange is young enough. */
  offsetAt(nowUs: number): ClockOffset | undefined {
    const fit = this.#fit;
    if (fit === undefined) return undefined;
    const aheadUs = nowUs - fit.atUs;
    if (aheadUs > this.#silenceUs) return undefined;
    const driftUs = this.#maxSkew * Math.abs(aheadUs);
    const [leastUs, mostUs] = [fit.leastUs - driftUs, fit.mostUs + driftUs];
    const courseUs = fit.course.offsetUs + fit.course.skew * aheadUs;
    const likelyUs = Math.min(mostUs, Math.max(leastUs, courseUs));
    const uncertaintyUs = Math.max(mostUs - likelyUs, likelyUs - leastUs);
    return { offsetUs: fit.offsetUs + likelyUs, uncertaintyUs };
  }

  /** Forgets everything: the other side is another one now. */
  reset(): void {
    this.#slots = [];
    this.#fit = undefined;
  }

  #keep(newest: Slot): void {
    const slot = this.#slots.at(-1);
    if (slot?.index !== newest.index) {
      this.#slots.push(newest);
      if (this.#slots.length > this.#windowUs / slotUs) this.#slots.shift();
      return;
    }
    this.#slots[this.#slots.length - 1] = {
      index: slot.index,
      most: newest.most.offsetUs <= slot.most.offsetUs ? newest.most : slot.most,
      least: newest.least.offsetUs >= slot.least.offsetUs ? newest.least : slot.least,
      exchanges: slot.exchanges + newest.exchanges,
      tripSumUs: slot.tripSumUs + newest.tripSumUs,
    };
  }

  /**
   * Lays the corridor anew, from the newest slot back to the first that contradicts it: there one of the clocks
   * stepped, and what came before is forgotten. False when the newest slot contradicts itself.
   */
  #update(atUs: number): boolean {
    const newest = this.#slots.at(-1) as Slot;
    const offsetUs = (newest.most.offsetUs + newest.least.offsetUs) / 2;
    const reachUs = Math.abs(newest.most.offsetUs - newest.least.offsetUs) + this.#maxSkew * slotUs;
    let corridor = openCorridor(-reachUs, reachUs, this.#maxSkew);
    let [leastUs, mostUs] = [-Infinity, Infinity];
    let [exchanges, tripSumUs] = [0, 0];
    let at = this.#slots.length - 1;
    for (; at >= 0; at--) {
      const slot = this.#slots[at] as Slot;
      if (atUs - slot.most.atUs > this.#windowUs) break;
      const narrowed = narrow(corridor, slot, atUs, offsetUs);
      if (!isOpen(narrowed)) break;
      corridor = narrowed;
      leastUs = Math.max(leastUs, slot.least.offsetUs - this.#driftSince(slot.least.atUs, atUs));
      mostUs = Math.min(mostUs, slot.most.offsetUs + this.#driftSince(slot.most.atUs, atUs));
      exchanges += slot.exchanges;
      tripSumUs += slot.tripSumUs;
    }
    if (exchanges === 0) return false;
    this.#slots.splice(0, at + 1);
    const course = courseOf(corridor, exchanges, tripSumUs / exchanges);
    this.#fit = { atUs, offsetUs, course, leastUs: leastUs - offsetUs, mostUs: mostUs - offsetUs };
    return true;
  }

  #driftSince(fromUs: number, toUs: number): number {
    return this.#maxSkew * (toUs - fromUs);
  }
}

/** What the bounds of a slot leave of a corridor; the older they are, the more room the clocks' wander gets. */
function narrow(corridor: Corridor, { most, least }: Slot, atUs: number, zeroUs: number): Corridor {
  const [mostAgeUs, leastAgeUs] = [atUs - most.atUs, atUs - least.atUs];
  const mostUs = most.offsetUs - zeroUs + wanderUs(mostAgeUs);
  const leastUs = least.offsetUs - zeroUs - wanderUs(leastAgeUs);
  return boundBelow(boundAbove(corridor, mostAgeUs, mostUs), leastAgeUs, leastUs);
}

/**
 * The likeliest course through a corridor: its middle for the skew at which it is widest, since packets that did not
 * wait at all touch both of its walls. How much wider it must be to speak for a skew: waits of exponential length
 * with this mean, and usual skews, weigh against each other (maximum a posteriori).
 */
function courseOf(corridor: Corridor, exchanges: number, meanTripUs: number): Corner {
  const widest = bestSkew(corridor, (skew) => widthAt(corridor, skew).widthUs);
  const meanWaitUs = Math.max(leastWaitUs, (meanTripUs - widthAt(corridor, widest).widthUs) / 2);
  const priceUs = (meanWaitUs / exchanges) * (1_000_000 / usualSkewPpm);
  const skew = bestSkew(
    corridor,
    (skew) => widthAt(corridor, skew).widthUs - priceUs * Math.abs(skew),
  );
  return { offsetUs: widthAt(corridor, skew).middleUs, skew };
}

/** The skew within a corridor for which a concave score is greatest, to a thousandth of a ppm. */
function bestSkew(corridor: Corridor, scoreOf: (skew: number) => number): number {
  const skews = corridor.map(({ skew }) => skew);
  let [low, high] = [Math.min(...skews), Math.max(...skews)];
  while (high - low > 1e-9) {
    const third = (high - low) / 3;
    if (scoreOf(low + third) < scoreOf(high - third)) low += third;
    else high -= third;
  }
  return (low + high) / 2;
}

/** How far an offset may have left its straight course after so long. */
function wanderUs(aheadUs: number): number {
  return ((wanderPpmPerS / 1e12) * aheadUs * aheadUs) / 2;
}

/** Whether a stamp is no whole number of milliseconds: its clock counts finer. */
function isFine(stampUs: number): boolean {
  return Math.abs(stampUs - Math.round(stampUs / coarseStepUs) * coarseStepUs) > 1;
}
