import { timestampDistance } from '../sequence-number.ts';
import type { FecBlock, FecBlocks } from './fec-blocks.ts';
import type { SourceProgress } from './source-progress.ts';

/** Times and bounds of asking for lost packets. */
export type LossRequestTimes = {
  /** Packets after a gap that make it a loss rather than reordering. */
  reorderPackets: number;
  /** Time after which a gap is a loss, however few packets followed. */
  reorderUs: number;
  /** Least time to wait for parity after the newest packet of the frame. */
  parityWaitUs: number;
  /** Round trip assumed until one is known. */
  initialRttUs: number;
  /** Least time between two requests for one packet. */
  minRetryUs: number;
  /** Age of a frame at which what it lacks is given up, unless two round trips and 50 ms are longer. */
  deadlineUs: number;
};

type Missing = {
  timestamp: number;
  /** When its frame began, or else when it was missed first. */
  frameUs: number;
  sinceUs: number;
  dueUs: number;
  /** When the answer of the newest request must have come. */
  retryUs: number;
  asked: number;
  /** It was asked for in its last turn, rather than left out because its block needed no more. */
  isPending: boolean;
  /** How many more times this request is to be sent, since it may be lost itself. */
  again: number;
};

const none: readonly number[] = Object.freeze([]);
/** A late answer costs one superfluous repeat, an early retry as well: wait a quarter longer than the round trip. */
const retryPerRtt = 1.25;
/**
 * A request is rare where there is parity, and small, but may be lost itself: it is sent again, so long apart; more
 * often from a share of losses on, and most where losses come in runs.
 */
const furtherRequests = [
  { fromShare: 0.02, count: 1 },
  { fromShare: 0.15, count: 2 },
] as const;
const burstFurtherRequests = { fromPackets: 2.5, count: 3 };
const nextRequestUs = 4_000;
/** Weight of one packet in the shares. */
const shareWeight = 1 / 128;
/** Parity is expected for this long after the last. */
const parityMemoryUs = 1_000_000;
const maxParityWaitUs = 25_000;

/** Which packets are missing, and when to ask for which of them (SPEC R5–R10). */
export class LossRequests {
  readonly #times: LossRequestTimes;
  readonly #blocks: FecBlocks;
  readonly #progress: SourceProgress;
  readonly #missing = new Map<number, Missing>();
  #rttUs: number;
  #dueUs = Number.POSITIVE_INFINITY;
  #unasked = 0;
  #round = 0;
  #lossShare = 0;
  /** Share of packets with which a run of losses began. */
  #runShare = 0;
  #newestLost = Number.NaN;
  /** Extended sequence of the newest packet given up in the last `takeDue`s; undefined for none. */
  givenUp: number | undefined;
  givenUpCount = 0;
  requestedCount = 0;

  constructor(times: LossRequestTimes, blocks: FecBlocks, progress: SourceProgress) {
    this.#times = times;
    this.#blocks = blocks;
    this.#progress = progress;
    this.#rttUs = times.initialRttUs;
  }

  /** How many packets are missing and not given up. */
  get size(): number {
    return this.#missing.size;
  }

  /** When `takeDue` has something to do next. */
  get nextDeadlineUs(): number | undefined {
    return this.#missing.size === 0 ? undefined : this.#dueUs;
  }

  /** Paces retries by the newest round trip, µs. */
  setRoundTripUs(us: number): void {
    this.#rttUs = us;
  }

  /** Counts a packet that came without being missed. */
  handleArrival(): void {
    this.#lossShare -= this.#lossShare * shareWeight;
    this.#runShare -= this.#runShare * shareWeight;
  }

  /** A packet is missed; `timestamp` is its frame's, or that of the packet after the gap. */
  add(extended: number, timestamp: number, frameUs: number, nowUs: number): void {
    this.#missing.set(extended, {
      timestamp,
      frameUs,
      sinceUs: nowUs,
      dueUs: nowUs,
      retryUs: nowUs,
      asked: 0,
      isPending: false,
      again: 0,
    });
    this.#unasked += 1;
    this.#lossShare += (1 - this.#lossShare) * shareWeight;
    const isRunStart = extended - 1 !== this.#newestLost;
    this.#runShare += ((isRunStart ? 1 : 0) - this.#runShare) * shareWeight;
    this.#newestLost = extended;
  }

  /** Whether this packet is being missed. */
  has(extended: number): boolean {
    return this.#missing.has(extended);
  }

  /** A missing packet has come; gives whether it was late rather than lost: nobody had asked for it. */
  remove(extended: number): boolean {
    const entry = this.#missing.get(extended);
    if (entry === undefined) return false;
    this.#missing.delete(extended);
    if (entry.asked === 0) this.#unasked -= 1;
    return entry.asked === 0;
  }

  /** What is missing before this packet matters no more. */
  removeBefore(extended: number): void {
    for (const lost of this.#missing.keys()) if (lost < extended) this.remove(lost);
  }

  /** Something came: what nobody has asked for may be due. */
  handleProgress(nowUs: number): void {
    if (this.#unasked > 0) this.#dueUs = Math.min(this.#dueUs, nowUs);
  }

  /** The sequences to ask for now; gives up on those that cannot come in time. */
  takeDue(nowUs: number): readonly number[] {
    if (this.#missing.size === 0 || nowUs < this.#dueUs) return none;
    this.#dueUs = Number.POSITIVE_INFINITY;
    this.#round += 1;
    let due: number[] | undefined;
    for (const [extended, entry] of this.#missing) {
      const block = this.#blocks.at(extended);
      if (entry.asked === 0) entry.dueUs = this.#firstRequestUs(extended, entry, block, nowUs);
      const deadlineUs = entry.frameUs + Math.max(this.#times.deadlineUs, 2 * this.#rttUs + 50_000);
      const isDue = nowUs >= entry.dueUs;
      if (nowUs >= deadlineUs || (isDue && entry.again === 0 && nowUs + this.#rttUs > deadlineUs)) {
        this.#giveUp(extended);
        continue;
      }
      if (isDue && this.#ask(entry, block, nowUs)) {
        due ??= [];
        due.push(extended & 0xffff);
      }
      this.#dueUs = Math.min(this.#dueUs, entry.dueUs, deadlineUs);
    }
    this.requestedCount += due?.length ?? 0;
    return due ?? none;
  }

  /** Forgets everything that is missing, as given up. */
  giveUpAll(): void {
    this.givenUpCount += this.#missing.size;
    this.#missing.clear();
    this.#unasked = 0;
    this.#dueUs = Number.POSITIVE_INFINITY;
  }

  #giveUp(extended: number): void {
    this.remove(extended);
    this.givenUpCount += 1;
    this.givenUp = Math.max(this.givenUp ?? extended, extended);
  }

  /** Plans the next request of a packet that is due; whether one is sent now. */
  #ask(entry: Missing, block: FecBlock | undefined, nowUs: number): boolean {
    const retryUs = Math.max(this.#times.minRetryUs, this.#rttUs * retryPerRtt);
    if (entry.again > 0) {
      entry.again -= 1;
      entry.dueUs = entry.again > 0 ? nowUs + nextRequestUs : entry.retryUs;
      return true;
    }
    if (entry.asked === 0) this.#unasked -= 1;
    entry.asked += 1;
    entry.dueUs = nowUs + retryUs;
    entry.isPending = false;
    if (block !== undefined && !block.isContradicted) {
      const pending = this.#pendingOf(block, nowUs);
      if (pending >= block.sources - block.present - block.rows.length) return false;
      block.pending = pending + 1;
    }
    entry.isPending = true;
    entry.again = Math.min(this.#furtherRequests(), Math.floor(retryUs / nextRequestUs) - 1);
    entry.retryUs = entry.dueUs;
    if (entry.again > 0) entry.dueUs = nowUs + nextRequestUs;
    return true;
  }

  #furtherRequests(): number {
    const { fromPackets, count } = burstFurtherRequests;
    if (this.#lossShare >= fromPackets * this.#runShare) return count;
    return furtherRequests.findLast(({ fromShare }) => this.#lossShare >= fromShare)?.count ?? 0;
  }

  /** Packets of the block that were asked for in earlier rounds and may still come, and those of this round. */
  #pendingOf(block: FecBlock, nowUs: number): number {
    if (block.pendingRound === this.#round) return block.pending;
    block.pendingRound = this.#round;
    block.pending = 0;
    for (let i = 0; i < block.sources; i++) {
      const other = this.#missing.get(block.base + i);
      if (other?.isPending && other.retryUs > nowUs) block.pending += 1;
    }
    return block.pending;
  }

  /** When a packet is asked for at first: not while it may be late, nor while parity may bring it. */
  #firstRequestUs(
    extended: number,
    entry: Missing,
    block: FecBlock | undefined,
    nowUs: number,
  ): number {
    const { reorderPackets, reorderUs, parityWaitUs } = this.#times;
    const { newest, timestamp, lastUs, parityUs, packetGapUs } = this.#progress;
    const after = newest - extended + (block?.rows.length ?? 0);
    const lostUs = after >= reorderPackets ? entry.sinceUs : entry.sinceUs + reorderUs;
    const ownTimestamp = block?.timestamp ?? entry.timestamp;
    if (timestampDistance(ownTimestamp, timestamp) > 0) return lostUs; // its parity was sent before
    const isExpected =
      block === undefined
        ? nowUs - parityUs < parityMemoryUs
        : !block.isContradicted && block.rows.length < block.announced;
    if (!isExpected) return lostUs;
    const waitUs = Math.min(maxParityWaitUs, Math.max(parityWaitUs, 2.5 * packetGapUs));
    const newestUs = timestamp === ownTimestamp ? lastUs : entry.sinceUs;
    return Math.max(lostUs, Math.max(newestUs, block?.lastUs ?? 0) + waitUs);
  }
}
