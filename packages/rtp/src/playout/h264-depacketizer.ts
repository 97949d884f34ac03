import { readU16 } from '../big-endian.ts';
import { NalType } from '../h264-nal.ts';

/** One whole picture in Annex B. */
export type AccessUnit = {
  data: Uint8Array<ArrayBuffer>;
  /** Whether a decoder can begin with it: an IDR picture. */
  key: boolean;
  /** Codec string (RFC 6381) of its sequence parameter set, e.g. `avc1.42e01f`; absent without one. */
  codec?: string;
};

/** Largest access unit; a longer one is refused. */
export const maxAccessUnitBytes = 4 * 1024 * 1024;
const firstBufferBytes = 64 * 1024;

/**
 * Puts access units together again from the payloads of all their packets, in order (RFC 6184: single NAL unit,
 * STAP-A, FU-A). Bytes may come from anybody: what is malformed gives nothing. Rules DP1 to DP4.
 */
export class H264Depacketizer {
  #buffer = new Uint8Array(firstBufferBytes);
  #length = 0;
  #inFragment = false;
  #key = false;
  #codec: string | undefined;

  /** The access unit, or undefined when a payload cannot be read or nothing is in it. Never throws. */
  assemble(payloads: readonly Uint8Array[]): AccessUnit | undefined {
    this.#length = 0;
    this.#inFragment = false;
    this.#key = false;
    this.#codec = undefined;
    for (const payload of payloads) if (!this.#take(payload)) return undefined;
    if (this.#inFragment || this.#length === 0) return undefined;
    const data = this.#buffer.slice(0, this.#length);
    return { data, key: this.#key, ...(this.#codec === undefined ? {} : { codec: this.#codec }) };
  }

  /** Whether the payload could be used. */
  #take(payload: Uint8Array): boolean {
    if (payload.length === 0) return true; // padding only
    const type = (payload[0] as number) & 0x1f;
    if (type === NalType.fuA) return this.#takeFragment(payload);
    if (this.#inFragment) return false;
    if (type === NalType.stapA) return this.#takeAggregate(payload);
    return type >= 1 && type <= 23 && this.#addUnit(payload, 0, payload.length);
  }

  /** RFC 6184 §5.7.1. */
  #takeAggregate(payload: Uint8Array): boolean {
    let at = 1;
    while (at + 2 < payload.length) {
      const end = at + 2 + readU16(payload, at);
      if (end === at + 2 || end > payload.length) return false;
      if (!this.#addUnit(payload, at + 2, end)) return false;
      at = end;
    }
    return at === payload.length && at > 1;
  }

  /** RFC 6184 §5.8. */
  #takeFragment(payload: Uint8Array): boolean {
    if (payload.length < 3) return false;
    const fuHeader = payload[1] as number;
    const starts = (fuHeader & 0x80) !== 0;
    if (starts === this.#inFragment) return false;
    this.#inFragment = (fuHeader & 0x40) === 0;
    if (!starts) return this.#append(payload, 2, payload.length);
    const header = ((payload[0] as number) & 0xe0) | (fuHeader & 0x1f);
    if (!this.#startUnit(header)) return false;
    this.#noteSps(header, payload, 2);
    return this.#append(payload, 2, payload.length);
  }

  #addUnit(payload: Uint8Array, from: number, end: number): boolean {
    const header = payload[from] as number;
    if (!this.#startUnit(header)) return false;
    this.#noteSps(header, payload, from + 1);
    return this.#append(payload, from + 1, end);
  }

  /** Start code and header of a NAL unit. */
  #startUnit(header: number): boolean {
    if (!this.#reserve(5)) return false;
    this.#buffer.set([0, 0, 0, 1, header], this.#length);
    this.#length += 5;
    if ((header & 0x1f) === NalType.idr) this.#key = true;
    return true;
  }

  #append(bytes: Uint8Array, from: number, end: number): boolean {
    if (!this.#reserve(end - from)) return false;
    this.#buffer.set(bytes.subarray(from, end), this.#length);
    this.#length += end - from;
    return true;
  }

  #reserve(bytes: number): boolean {
    const needed = this.#length + bytes;
    if (needed > maxAccessUnitBytes) return false;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    return true;
  }

  /** Profile, constraints and level are the three bytes after the header (H.264 §7.3.2.1.1). */
  #noteSps(header: number, bytes: Uint8Array, at: number): void {
    if ((header & 0x1f) !== NalType.sps || at + 3 > bytes.length) return;
    let codec = 'avc1.';
    for (let i = 0; i < 3; i++) codec += (bytes[at + i] as number).toString(16).padStart(2, '0');
    this.#codec = codec;
  }
}
