import { readU16 } from './big-endian.ts';
import { NalType } from './h264-nal.ts';

/** How a payload begins a key frame: with its parameter sets, with the picture itself, or not at all. */
export type KeyFrameStart = 'parameterSets' | 'picture' | 'none';

/** What of a key frame begins in this H.264 payload (RFC 6184: single NAL unit, STAP-A, FU-A). Never throws. */
export function keyFrameStart(bytes: Uint8Array, from = 0, end = bytes.length): KeyFrameStart {
  if (from >= end) return 'none';
  const type = (bytes[from] as number) & 0x1f;
  if (type === NalType.stapA) return aggregateStart(bytes, from + 1, end);
  if (type !== NalType.fuA) return unitStart(type);
  if (from + 1 >= end) return 'none';
  const fuHeader = bytes[from + 1] as number;
  return (fuHeader & 0x80) === 0 ? 'none' : unitStart(fuHeader & 0x1f);
}

/** A source that begins so many pictures (or slices) without parameter sets has none in band. */
const bareStarts = 8;

/**
 * Tells where one source's key frames begin: at their parameter sets. A switch at the picture while these are still on
 * their way would show a decoder a picture it cannot read. Only a source that never sends them begins with pictures.
 */
export class KeyFrameDetector {
  #parameterSetsInBand = false;
  #bareStarts = 0;

  /** Whether the H.264 payload from `from` to `end` is where a decoder can begin. Never throws. */
  detect(bytes: Uint8Array, from = 0, end = bytes.length): boolean {
    const start = keyFrameStart(bytes, from, end);
    if (start === 'none') return false;
    if (start === 'parameterSets') {
      this.#parameterSetsInBand = true;
      return true;
    }
    return !this.#parameterSetsInBand && ++this.#bareStarts >= bareStarts;
  }
}

function aggregateStart(bytes: Uint8Array, from: number, end: number): KeyFrameStart {
  let found: KeyFrameStart = 'none';
  let at = from;
  while (at + 2 < end) {
    const length = readU16(bytes, at);
    if (length === 0 || at + 2 + length > end) return found;
    const start = unitStart((bytes[at + 2] as number) & 0x1f);
    if (start === 'parameterSets') return start;
    if (start === 'picture') found = start;
    at += 2 + length;
  }
  return found;
}

function unitStart(type: number): KeyFrameStart {
  if (type === NalType.sps) return 'parameterSets';
  return type === NalType.idr ? 'picture' : 'none';
}
