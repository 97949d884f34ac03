import { readU16 } from '../big-endian.ts';
import { keyFrameStart } from '../h264-key-frame.ts';
import { NalType } from '../h264-nal.ts';
import {
  payloadEnd,
  payloadOffset,
  readMarker,
  readSequence,
  readTimestamp,
} from '../rtp-packet.ts';

/** A whole picture as it was before packetising, in Annex B. */
export type AccessUnit = { data: Buffer; timestamp: number; key: boolean };

const startCode = Buffer.from([0, 0, 0, 1]);
/** Largest access unit; a longer one is dropped. */
const maxAccessUnitBytes = 4 * 1024 * 1024;

/**
 * Puts access units together again from RTP packets in sequence order (RFC 6184: single NAL unit, STAP-A, FU-A).
 * A picture with a hole in it is dropped whole. For tests and interop; reordering is somebody else's work.
 */
export class H264Depacketizer {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #timestamp: number | undefined;
  #expected: number | undefined;
  #inFragment = false;
  #broken = false;
  #key = false;

  /** Takes the next RTP packet (one for which `isRtp` is true); gives the picture that it completes. Never throws. */
  push(packet: Uint8Array): AccessUnit | undefined {
    const sequence = readSequence(packet);
    const timestamp = readTimestamp(packet);
    const gap = this.#expected !== undefined && sequence !== this.#expected;
    this.#expected = (sequence + 1) & 0xffff;
    if (timestamp !== this.#timestamp) this.#reset(timestamp, gap);
    else if (gap) this.#broken = true;
    const payload = packet.subarray(payloadOffset(packet), payloadEnd(packet));
    if (!this.#take(payload)) this.#broken = true;
    if (!readMarker(packet)) return undefined;
    return this.#finish(timestamp);
  }

  /** After a gap nobody knows whether the picture's first packets are missing: it counts as broken unless a key frame begins. */
  #reset(timestamp: number | undefined, gap: boolean): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#timestamp = timestamp;
    this.#inFragment = false;
    this.#broken = gap;
    this.#key = false;
  }

  #finish(timestamp: number): AccessUnit | undefined {
    const whole = !this.#broken && !this.#inFragment && this.#parts.length > 0;
    const unit = whole
      ? { data: Buffer.concat(this.#parts), timestamp, key: this.#key }
      : undefined;
    this.#reset(undefined, false);
    return unit;
  }

  /** Whether the payload could be used. */
  #take(payload: Uint8Array): boolean {
    if (payload.length === 0) return true; // padding only
    const start = keyFrameStart(payload);
    if (start !== 'none') this.#key = true;
    if (start === 'parameterSets' && this.#parts.length === 0) this.#broken = false;
    const type = (payload[0] as number) & 0x1f;
    if (type === NalType.fuA) return this.#takeFragment(payload);
    if (this.#inFragment) return false;
    if (type === NalType.stapA) return this.#takeAggregate(payload);
    return type >= 1 && type <= 23 && this.#add(startCode, payload);
  }

  #takeAggregate(payload: Uint8Array): boolean {
    let at = 1;
    while (at + 2 < payload.length) {
      const end = at + 2 + readU16(payload, at);
      if (end === at + 2 || end > payload.length) return false;
      if (!this.#add(startCode, payload.subarray(at + 2, end))) return false;
      at = end;
    }
    return at === payload.length && at > 1;
  }

  #takeFragment(payload: Uint8Array): boolean {
    if (payload.length < 3) return false;
    const fuHeader = payload[1] as number;
    const starts = (fuHeader & 0x80) !== 0;
    if (starts === this.#inFragment) return false;
    this.#inFragment = (fuHeader & 0x40) === 0;
    const body = payload.subarray(2);
    if (!starts) return this.#add(body);
    const header = Buffer.of(((payload[0] as number) & 0xe0) | (fuHeader & 0x1f));
    return this.#add(startCode, header, body);
  }

  #add(...parts: Uint8Array[]): boolean {
    for (const part of parts) {
      this.#bytes += part.length;
      if (this.#bytes > maxAccessUnitBytes) return false;
      this.#parts.push(part);
    }
    return true;
  }
}
