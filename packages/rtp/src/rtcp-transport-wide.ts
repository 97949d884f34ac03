/** Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1). */
import { readU16, readU32, writeU16, writeU32 } from './big-endian.ts';
import {
  notReceived,
  type RtcpPacket,
  type TransportFeedback,
  writeRtcpHeader,
} from './rtcp-packet.ts';

/** µs of one unit of arrival. */
export const arrivalUnitUs = 250;
/** Units of arrival in one unit of reference time (64 ms). */
export const referenceUnits = 256;
/** Statuses one feedback packet may hold, in reading and in writing; more are left out. */
export const maxFeedbackStatuses = 8_192;

const headerBytes = 20;
const maxSmallDelta = 255;
const maxRun = 0x1fff;
/** Symbols of a status: not received, a one-byte delta, a two-byte delta; 3 is reserved. */
const [missing, small, large, reserved] = [0, 1, 2, 3] as const;

/** Reads transport-wide feedback (205/15); undefined when it is cut short or uses a reserved symbol. */
export function parseTransportWide(
  bytes: Uint8Array,
  at: number,
  end: number,
): RtcpPacket | undefined {
  if (end - at < headerBytes + 2) return undefined;
  const declared = readU16(bytes, at + 14);
  const symbols = new Uint8Array(Math.min(declared, maxFeedbackStatuses));
  const deltas = readSymbols(bytes, at + headerBytes, end, symbols, declared);
  const arrivals = deltas === undefined ? undefined : readDeltas(bytes, deltas, end, symbols);
  if (arrivals === undefined) return undefined;
  return {
    type: 'transportFeedback',
    senderSsrc: readU32(bytes, at + 4),
    mediaSsrc: readU32(bytes, at + 8),
    feedbackCount: bytes[at + 19] as number,
    baseSequence: readU16(bytes, at + 12),
    referenceTime: (readU32(bytes, at + 16) | 0) >> 8,
    arrivals,
  };
}

/** Fills `symbols` from the chunks; gives where the deltas begin. */
function readSymbols(
  bytes: Uint8Array,
  from: number,
  end: number,
  symbols: Uint8Array,
  declared: number,
): number | undefined {
  let at = from;
  for (let index = 0; index < declared; at += 2) {
    if (at + 2 > end) return undefined;
    const chunk = readU16(bytes, at);
    if (chunk < 0x8000) {
      const run = chunk & maxRun;
      if (run === 0) return undefined;
      symbols.fill(chunk >>> 13, index, index + run); // past the end nothing is written
      index += run;
      continue;
    }
    const isWide = (chunk & 0x4000) !== 0;
    const count = isWide ? 7 : 14;
    for (let place = 0; place < count && index < declared; place++, index++) {
      const shift = isWide ? 12 - 2 * place : 13 - place;
      symbols[index] = (chunk >>> shift) & (isWide ? 3 : 1); // past the end nothing is written
    }
  }
  return at;
}

function readDeltas(
  bytes: Uint8Array,
  from: number,
  end: number,
  symbols: Uint8Array,
): Int32Array | undefined {
  const arrivals = new Int32Array(symbols.length);
  let at = from;
  let arrival = 0;
  for (let index = 0; index < symbols.length; index++) {
    const symbol = symbols[index];
    if (symbol === reserved) return undefined;
    if (symbol === missing) {
      arrivals[index] = notReceived;
      continue;
    }
    const next = at + (symbol === small ? 1 : 2);
    if (next > end) return undefined;
    arrival += symbol === small ? (bytes[at] as number) : (readU16(bytes, at) << 16) >> 16;
    arrivals[index] = arrival;
    at = next;
  }
  return arrivals;
}

/** Writes transport-wide feedback; keeps its working memory, so that each packet costs one allocation. */
export class TransportFeedbackEncoder {
  readonly #symbols = new Uint8Array(maxFeedbackStatuses);
  readonly #bytes: Uint8Array;
  #statuses = 0;

  /** No packet is longer than `maxBytes` (default 1,200). */
  constructor(maxBytes = 1_200) {
    this.#bytes = new Uint8Array(Math.max(64, maxBytes & ~3));
  }

  /** Statuses that the packet encoded last tells of. */
  get statuses(): number {
    return this.#statuses;
  }

  /**
   * Tells of the first `count` arrivals, or of as many as one packet can hold: it ends before a step that 16 bits
   * cannot express. The first arrival that is there must lie in the 64 ms after the reference time.
   */
  encode(
    feedback: Omit<TransportFeedback, 'type'>,
    count = feedback.arrivals.length,
  ): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes;
    const { arrivals } = feedback;
    this.#statuses = this.#classify(arrivals, Math.min(count, maxFeedbackStatuses));
    const end = this.#writeDeltas(this.#writeChunks(), arrivals);
    const packet = new Uint8Array((end + 3) & ~3);
    packet.set(bytes.subarray(headerBytes, end), headerBytes);
    writeRtcpHeader(packet, 15, 205);
    writeU32(packet, 4, feedback.senderSsrc);
    writeU32(packet, 8, feedback.mediaSsrc);
    writeU16(packet, 12, feedback.baseSequence);
    writeU16(packet, 14, this.#statuses);
    writeU32(packet, 16, (feedback.referenceTime << 8) | (feedback.feedbackCount & 0xff));
    return packet;
  }

  /** Gives each arrival its symbol; how many fit, when every 7 statuses take one chunk (more they never do). */
  #classify(arrivals: Int32Array, count: number): number {
    const room = this.#bytes.length - headerBytes - 2;
    let deltaBytes = 0;
    let last = 0;
    for (let index = 0; index < count; index++) {
      const arrival = arrivals[index] as number;
      let symbol: number = missing;
      if (arrival !== notReceived) {
        const delta = arrival - last;
        if (delta < -0x8000 || delta > 0x7fff) return index;
        symbol = delta >= 0 && delta <= maxSmallDelta ? small : large;
        last = arrival;
      }
      deltaBytes += symbol;
      if (deltaBytes + 2 * Math.ceil((index + 1) / 7) > room) return index;
      this.#symbols[index] = symbol;
    }
    return count;
  }

  #writeChunks(): number {
    let at = headerBytes;
    for (let index = 0; index < this.#statuses; at += 2) {
      const run = this.#runAt(index);
      const places = this.#isNarrow(index) ? 14 : 7;
      if (run >= places || index + run === this.#statuses) {
        writeU16(this.#bytes, at, ((this.#symbols[index] as number) << 13) | run);
        index += run;
        continue;
      }
      writeU16(this.#bytes, at, this.#vectorAt(index, places));
      index += places;
    }
    return at;
  }

  #runAt(from: number): number {
    const end = Math.min(this.#statuses, from + maxRun);
    let index = from + 1;
    while (index < end && this.#symbols[index] === this.#symbols[from]) index += 1;
    return index - from;
  }

  /** Whether the next 14 statuses need one bit each. */
  #isNarrow(from: number): boolean {
    const end = Math.min(this.#statuses, from + 14);
    for (let index = from; index < end; index++) {
      if ((this.#symbols[index] as number) > small) return false;
    }
    return true;
  }

  #vectorAt(from: number, places: number): number {
    const bits = places === 14 ? 1 : 2;
    let chunk = bits === 1 ? 0x8000 : 0xc000;
    for (let place = 0; place < places && from + place < this.#statuses; place++) {
      chunk |= (this.#symbols[from + place] as number) << (bits * (places - 1 - place));
    }
    return chunk;
  }

  #writeDeltas(from: number, arrivals: Int32Array): number {
    let at = from;
    let last = 0;
    for (let index = 0; index < this.#statuses; index++) {
      const symbol = this.#symbols[index];
      if (symbol === missing) continue;
      const arrival = arrivals[index] as number;
      if (symbol === small) this.#bytes[at++] = arrival - last;
      else {
        writeU16(this.#bytes, at, arrival - last);
        at += 2;
      }
      last = arrival;
    }
    return at;
  }
}
