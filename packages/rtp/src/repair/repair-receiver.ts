import { type FecPacket, parseFecPacket, symbolHeaderBytes } from '../fec/fec-packet.ts';
import { recoverSources } from '../fec/recover-sources.ts';
import { sequenceDistance, unwrapSequence } from '../sequence-number.ts';
import { type FecBlock, FecBlocks } from './fec-blocks.ts';
import { LossRequests } from './loss-requests.ts';
import { PacketWindow } from './packet-window.ts';
import { type RepairReceiverOptions, timesOf } from './repair-options.ts';
import { SourceProgress } from './source-progress.ts';

/** A packet that was computed from parity, equal to the sent one; nothing else refers to its buffer. */
export type RecoveredPacket = {
  sequence: number;
  timestamp: number;
  marker: boolean;
  payload: Uint8Array;
};

/** What a repair has seen and done since it began. */
export type RepairStats = {
  /** Packets that came and were new. */
  received: number;
  /** Packets that were missed (late ones that nobody asked for are not counted). */
  lost: number;
  recovered: number;
  requested: number;
  givenUp: number;
  duplicates: number;
};

const none: readonly RecoveredPacket[] = Object.freeze([]);
const ticksPerMs = 90;
/** Parity may name packets so far past the greatest hole that is filled. */
const maxAhead = 64;

type FarPacket = { sequence: number; timestamp: number; marker: boolean; payload: Uint8Array };

/**
 * Repairs one source at its receiver: recovers packets from parity, and says which to ask for and when only a key
 * frame helps (SPEC R1–R16). Payloads that are handed in are kept as views and must not change. After every packet,
 * and at `nextDeadlineUs`, `takeDue` and `takeKeyFrameNeeded` say what to send.
 */
export class RepairReceiver {
  /** Whether the packet of the last `handleMedia` had come or been recovered before, or is far too old. */
  wasDuplicate = false;
  /** Counts since the beginning. */
  readonly stats: RepairStats = {
    received: 0,
    lost: 0,
    recovered: 0,
    requested: 0,
    givenUp: 0,
    duplicates: 0,
  };
  readonly #window: PacketWindow;
  readonly #blocks: FecBlocks;
  readonly #requests: LossRequests;
  readonly #progress = new SourceProgress();
  readonly #farBehind: number;
  readonly #maxHole: number;
  readonly #maxHoleTicks: number;
  readonly #headroom: number;
  /** Nothing before this extended sequence is wanted any more. */
  #wantedFrom = Number.NEGATIVE_INFINITY;
  #givenUpTo = Number.NEGATIVE_INFINITY;
  #isKeyFrameNeeded = false;
  #far: FarPacket | undefined;

  constructor(options: RepairReceiverOptions = {}) {
    const packets = options.packets ?? 2048;
    if (packets < 512 || packets > 32_768 || (packets & (packets - 1)) !== 0) {
      throw new RangeError('a repair remembers a power of two of packets, 512 to 32,768');
    }
    const bytes = options.bytes ?? 2 * 1024 * 1024;
    this.#window = new PacketWindow(packets, bytes);
    this.#blocks = new FecBlocks(packets, options.blocks ?? 64, bytes);
    this.#requests = new LossRequests(timesOf(options), this.#blocks, this.#progress);
    this.#farBehind = (packets * 3) / 4;
    this.#maxHole = options.maxHole ?? 128;
    this.#maxHoleTicks = ((options.maxHoleUs ?? 200_000) / 1000) * ticksPerMs;
    this.#headroom = options.headroom ?? 0;
  }

  /** How many packets are missing and not given up. */
  get missing(): number {
    return this.#requests.size;
  }

  /** Bytes of payload and parity held now. */
  get bytes(): number {
    return this.#window.bytes + this.#blocks.bytes;
  }

  /** When `takeDue` should be called next, µs; undefined while nothing is missing. May be early, never late. */
  get nextDeadlineUs(): number | undefined {
    return this.#requests.nextDeadlineUs;
  }

  /** Paces requests by the newest round trip of the leg, µs. */
  setRoundTripUs(us: number): void {
    this.#requests.setRoundTripUs(us);
  }

  /** Takes a packet, at first or as a repeat; gives the packets that it made recoverable. */
  handleMedia(
    sequence: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
    nowUs: number,
  ): readonly RecoveredPacket[] {
    this.wasDuplicate = false;
    const progress = this.#progress;
    if (Number.isNaN(progress.newest)) this.#progress.begin(sequence - 1, timestamp, nowUs);
    const extended = unwrapSequence(progress.newest, sequence);
    if (extended < progress.newest - this.#farBehind) {
      return this.#handleFar({ sequence, timestamp, marker, payload }, nowUs);
    }
    if (this.#window.has(extended)) {
      this.wasDuplicate = true;
      this.stats.duplicates += 1;
      return none;
    }
    this.stats.received += 1;
    if (this.#requests.has(extended)) {
      if (this.#requests.remove(extended)) this.stats.lost -= 1;
    } else this.#requests.handleArrival();
    if (extended > progress.newest) this.#advance(extended, timestamp, marker, nowUs);
    else if (timestamp === progress.timestamp) progress.lastUs = nowUs;
    this.#window.put(extended, timestamp, marker, payload);
    const block = this.#blocks.at(extended);
    this.#requests.handleProgress(nowUs);
    if (block === undefined) return none;
    block.present += 1;
    if (this.#contradicts(block, extended)) this.#blocks.contradict(block);
    return this.#recover(block, nowUs);
  }

  /** Takes a FEC payload and the timestamp of its RTP header; gives the packets that it made recoverable. */
  handleFec(fecPayload: Uint8Array, timestamp: number, nowUs: number): readonly RecoveredPacket[] {
    const packet = parseFecPacket(fecPayload);
    if (packet === undefined) return none;
    const progress = this.#progress;
    progress.parityUs = nowUs;
    if (Number.isNaN(progress.newest))
      this.#progress.begin(packet.baseSequence - 1, timestamp, nowUs);
    const base = unwrapSequence(progress.newest, packet.baseSequence);
    const end = base + packet.sources;
    if (end <= this.#wantedFrom || base < progress.newest - this.#farBehind) return none;
    if (end > progress.newest + this.#maxHole + maxAhead) return none;
    const known = this.#blocks.at(base);
    if (known === undefined && this.#hasAll(base, packet)) return none;
    const block = this.#blocks.add(packet, base, timestamp, nowUs);
    // Examining a block adds what it misses: only then is it known what may be due.
    if (block !== undefined && known === undefined) this.#examine(block, nowUs);
    this.#requests.handleProgress(nowUs);
    return block === undefined ? none : this.#recover(block, nowUs);
  }

  /** A key frame begins at `sequence`: what is missing before it matters no more (recovered packets count as well). */
  handleKeyFrameStart(sequence: number): void {
    if (Number.isNaN(this.#progress.newest)) return;
    const start = unwrapSequence(this.#progress.newest, sequence);
    if (start < this.#wantedFrom) return;
    this.#wantedFrom = start;
    this.#requests.removeBefore(start);
    this.#blocks.removeBefore(start);
    if (start > this.#givenUpTo) this.#isKeyFrameNeeded = false;
  }

  /** The sequences to ask for now; empty is the rule. Gives up on what cannot come in time. */
  takeDue(nowUs: number): readonly number[] {
    const due = this.#requests.takeDue(nowUs);
    const { givenUp } = this.#requests;
    if (givenUp !== undefined) {
      this.#requests.givenUp = undefined;
      this.#needKeyFrame(givenUp);
    }
    this.stats.requested = this.#requests.requestedCount;
    this.stats.givenUp = this.#requests.givenUpCount;
    return due;
  }

  /** Whether something was given up since the last call: only a key frame helps. */
  takeKeyFrameNeeded(): boolean {
    const isNeeded = this.#isKeyFrameNeeded;
    this.#isKeyFrameNeeded = false;
    return isNeeded;
  }

  /** A packet newer than all: what it skips is missing, or hopeless. */
  #advance(extended: number, timestamp: number, marker: boolean, nowUs: number): void {
    const { newest } = this.#progress;
    const skipped = extended - newest - 1;
    if (skipped > 0) {
      if (this.#isHopeless(skipped, timestamp)) this.#giveUpBefore(extended);
      else this.#addMissing(newest, extended, timestamp, nowUs);
    }
    this.#progress.advance(extended, timestamp, marker, nowUs);
  }

  /** Whether a key frame is quicker than filling this hole. */
  #isHopeless(packets: number, timestamp: number): boolean {
    if (packets > this.#maxHole || packets + this.#requests.size > 2 * this.#maxHole) return true;
    return this.#progress.ticksSkippedBy(timestamp) > this.#maxHoleTicks;
  }

  /** The packets between two are missing; the first still belongs to the older frame if that had not ended. */
  #addMissing(before: number, next: number, timestamp: number, nowUs: number): void {
    const progress = this.#progress;
    for (let lost = before + 1; lost < next; lost++) {
      if (lost < this.#wantedFrom || this.#window.has(lost) || this.#requests.has(lost)) continue;
      const isOlder = lost === before + 1 && !progress.newestMarker;
      const itsTimestamp = isOlder ? progress.timestamp : timestamp;
      const frameUs = itsTimestamp === progress.timestamp ? progress.frameStartUs : nowUs;
      this.#requests.add(lost, itsTimestamp, frameUs, nowUs);
      this.stats.lost += 1;
    }
  }

  #giveUpBefore(extended: number): void {
    this.#requests.giveUpAll();
    this.stats.givenUp = this.#requests.givenUpCount;
    this.#blocks.removeBefore(extended);
    this.#wantedFrom = Math.max(this.#wantedFrom, extended);
    this.#needKeyFrame(extended - 1);
  }

  #needKeyFrame(givenUpTo: number): void {
    this.#givenUpTo = Math.max(this.#givenUpTo, givenUpTo);
    if (givenUpTo >= this.#wantedFrom - 1) this.#isKeyFrameNeeded = true;
  }

  #hasAll(base: number, { sources }: FecPacket): boolean {
    for (let i = 0; i < sources; i++) if (!this.#window.has(base + i)) return false;
    return true;
  }

  /** Compares a new block with what has come of it; what has not come is missing from now on. */
  #examine(block: FecBlock, nowUs: number): void {
    const { timestamp, frameStartUs } = this.#progress;
    const frameUs = block.timestamp === timestamp ? frameStartUs : nowUs;
    for (let i = 0; i < block.sources; i++) {
      const extended = block.base + i;
      if (this.#window.has(extended)) {
        block.present += 1;
        if (this.#contradicts(block, extended)) this.#blocks.contradict(block);
      } else if (!this.#requests.has(extended) && extended > this.#givenUpTo) {
        if (extended < this.#wantedFrom || this.#requests.size >= 2 * this.#maxHole) continue;
        this.#requests.add(extended, block.timestamp, frameUs, nowUs);
        this.stats.lost += 1;
      }
    }
  }

  /** Whether a packet that has come cannot be one of this block. */
  #contradicts(block: FecBlock, extended: number): boolean {
    const held = this.#window.get(extended);
    if (held === undefined) return false;
    const isLast = extended === block.base + block.sources - 1;
    const bytes = symbolHeaderBytes + (held.payload?.length ?? 0);
    return (
      held.timestamp !== block.timestamp || bytes > block.symbolBytes || (held.marker && !isLast)
    );
  }

  #recover(block: FecBlock, nowUs: number): readonly RecoveredPacket[] {
    const missing = block.sources - block.present;
    if (missing <= 0) {
      this.#blocks.remove(block);
      return none;
    }
    if (block.isContradicted || missing > block.rows.length) return none;
    const { rows, symbols, symbolBytes, timestamp, base } = block;
    const sources: ({ marker: boolean; payload: Uint8Array } | undefined)[] = [];
    for (let i = 0; i < block.sources; i++) {
      const held = this.#window.get(base + i);
      if (held !== undefined && held.payload === undefined) return none; // memory ran out
      sources.push(held as { marker: boolean; payload: Uint8Array } | undefined);
    }
    const recovered = recoverSources({ sources, rows, symbols, symbolBytes }, this.#headroom);
    if (recovered === undefined) {
      this.#blocks.contradict(block);
      return none;
    }
    this.#blocks.remove(block);
    return recovered.map(({ index, marker, payload }) => {
      const extended = base + index;
      this.#requests.remove(extended);
      if (extended > this.#progress.newest) this.#advance(extended, timestamp, marker, nowUs);
      this.#window.put(extended, timestamp, marker, payload);
      this.stats.recovered += 1;
      return { sequence: extended & 0xffff, timestamp, marker, payload };
    });
  }

  /** Two in a row far behind: the source began anew (as RFC 3550 A.1 decides it); the first is then given back. */
  #handleFar(packet: FarPacket, nowUs: number): readonly RecoveredPacket[] {
    const { sequence, timestamp, marker, payload } = packet;
    const first = this.#far;
    if (first === undefined || sequenceDistance(first.sequence, sequence) !== 1) {
      this.#far = packet;
      this.wasDuplicate = true;
      this.stats.duplicates += 1;
      return none;
    }
    this.#far = undefined;
    this.#requests.giveUpAll();
    this.stats.givenUp = this.#requests.givenUpCount;
    this.#blocks.clear();
    this.#window.clear();
    this.#wantedFrom = first.sequence;
    this.#givenUpTo = first.sequence - 1;
    this.#isKeyFrameNeeded = true;
    this.#progress.begin(first.sequence - 1, first.timestamp, nowUs);
    const recovered = this.handleMedia(
      first.sequence,
      first.timestamp,
      first.marker,
      first.payload,
      nowUs,
    );
    return [first, ...recovered, ...this.handleMedia(sequence, timestamp, marker, payload, nowUs)];
  }
}
