import { sequenceDistance, unwrapSequence } from './sequence-number.ts';

/** Bounds of a history; the oldest packets leave when one is reached. */
export type SendHistoryOptions = {
  /** Places; a power of two. Default 1,024. */
  packets?: number;
  /** Default 2 MiB. */
  bytes?: number;
  /** Default 1 s. */
  ageUs?: number;
};

/**
 * The newest packets of one source by sequence number, as references (SPEC H1–H7). Since a worker rewrites those
 * bytes in place for every leg, the source's own timestamp is kept beside them.
 */
export class SendHistory {
  readonly #mask: number;
  readonly #maxBytes: number;
  readonly #maxAgeUs: number;
  readonly #packets: (Uint8Array | undefined)[];
  readonly #sequences: Uint16Array;
  readonly #timestamps: Uint32Array;
  readonly #insertedUs: Float64Array;
  /** Extended sequence numbers; `#oldest` > `#newest` means empty. */
  #oldest = 0;
  #newest = -1;
  #bytes = 0;
  #rejected = -1;

  constructor(options: SendHistoryOptions = {}) {
    const packets = options.packets ?? 1024;
    if (packets < 2 || packets > 32_768 || (packets & (packets - 1)) !== 0) {
      throw new RangeError('a history has a power of two of places, 2 to 32,768');
    }
    this.#mask = packets - 1;
    this.#maxBytes = options.bytes ?? 2 * 1024 * 1024;
    this.#maxAgeUs = options.ageUs ?? 1_000_000;
    this.#packets = new Array<Uint8Array | undefined>(packets).fill(undefined);
    this.#sequences = new Uint16Array(packets);
    this.#timestamps = new Uint32Array(packets);
    this.#insertedUs = new Float64Array(packets);
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Remembers a packet under its source sequence and timestamp; a repeated or far too old one is ignored. */
  insert(sequence: number, timestamp: number, packet: Uint8Array, nowUs: number): void {
    const extended = this.#place(sequence);
    if (extended === undefined) return;
    const index = extended & this.#mask;
    if (this.#packets[index] !== undefined) return; // everything in the window is of this round: a repeat
    this.#packets[index] = packet;
    this.#sequences[index] = sequence;
    this.#timestamps[index] = timestamp;
    this.#insertedUs[index] = nowUs;
    this.#bytes += packet.length;
    while (this.#bytes > this.#maxBytes && this.#oldest < this.#newest) this.#dropOldest();
    this.#dropAged(nowUs);
  }

  /** The packet of a source sequence, or undefined when it never came, was evicted, or is too old at `nowUs`. */
  get(sequence: number, nowUs: number): Uint8Array | undefined {
    const index = sequence & this.#mask;
    const packet = this.#packets[index];
    if (packet === undefined || this.#sequences[index] !== sequence) return undefined;
    return nowUs - (this.#insertedUs[index] as number) > this.#maxAgeUs ? undefined : packet;
  }

  /** The source timestamp of a packet that `get` gives; 0 otherwise. */
  timestampOf(sequence: number): number {
    const index = sequence & this.#mask;
    return this.#sequences[index] === sequence ? (this.#timestamps[index] as number) : 0;
  }

  /** Forgets everything. */
  clear(): void {
    this.#packets.fill(undefined);
    this.#bytes = 0;
    this.#oldest = 0;
    this.#newest = -1;
    this.#rejected = -1;
  }

  /** Makes room for `sequence` and gives its extended form; undefined when it is older than the window. */
  #place(sequence: number): number | undefined {
    if (this.#oldest > this.#newest) {
      this.#oldest = sequence;
      this.#newest = sequence;
      return sequence;
    }
    const extended = unwrapSequence(this.#newest, sequence);
    if (extended > this.#newest) {
      if (extended - this.#newest > this.#mask) return this.#restart(sequence);
      this.#newest = extended;
      while (this.#newest - this.#oldest > this.#mask) this.#dropOldest();
      return extended;
    }
    if (this.#newest - extended <= this.#mask) {
      this.#oldest = Math.min(this.#oldest, extended);
      return extended;
    }
    // Two in a row far outside: the source began anew (as RFC 3550 A.1 decides it).
    const farOff = this.#newest - extended > 2 * this.#mask;
    if (farOff && sequenceDistance(this.#rejected, sequence) === 1) return this.#restart(sequence);
    this.#rejected = farOff ? sequence : -1;
    return undefined;
  }

  #restart(sequence: number): number {
    this.clear();
    this.#oldest = sequence;
    this.#newest = sequence;
    return sequence;
  }

  #dropOldest(): void {
    const index = this.#oldest & this.#mask;
    this.#bytes -= this.#packets[index]?.length ?? 0;
    this.#packets[index] = undefined;
    this.#oldest += 1;
  }

  /** A few at a time suffice: each insert adds one at most. */
  #dropAged(nowUs: number): void {
    for (let count = 0; count < 4 && this.#oldest < this.#newest; count++) {
      const index = this.#oldest & this.#mask;
      const aged = nowUs - (this.#insertedUs[index] as number) > this.#maxAgeUs;
      if (this.#packets[index] !== undefined && !aged) return;
      this.#dropOldest();
    }
  }
}
