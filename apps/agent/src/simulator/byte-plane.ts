/** From this length on the call of `fill` costs less than a loop of wide stores. */
const longSpan = 512;

/** Eight times the same byte, by that byte. 255 has no entry that survives: it is not a number as a double. */
const patterns = createPatterns();

function createPatterns(): Float64Array {
  const patterns = new Float64Array(256);
  const bytes = new Uint8Array(patterns.buffer);
  for (let value = 0; value < 255; value++) bytes.fill(value, value * 8, value * 8 + 8);
  return patterns;
}

/**
 * One plane of a picture, with spans filled by wide stores.
 * A view of its own on the memory: on a Buffer, `fill` is Node's and takes many times as long for a short span.
 */
export class BytePlane {
  readonly bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;

  /** The memory must begin at an address divisible by eight. */
  constructor(memory: Uint8Array) {
    const { buffer, byteOffset, length } = memory;
    this.bytes = new Uint8Array(buffer, byteOffset, length);
    this.#words = new Uint32Array(buffer, byteOffset, length >> 2);
    this.#doubles = new Float64Array(buffer, byteOffset, length >> 3);
  }

  /** Writes `value`, a whole number from 0 to 254, from index `from` up to but not including `to`. */
  fill(from: number, to: number, value: number): void {
    const { bytes } = this;
    if (to - from >= longSpan) {
      bytes.fill(value, from, to);
      return;
    }
    let at = from;
    if (to - from >= 8) at = this.#fillWide(from, to, value);
    for (; at < to; at++) bytes[at] = value;
  }

  /** Fills eight bytes or more, all but the last few; gives the index where those begin. */
  #fillWide(from: number, to: number, value: number): number {
    const words = this.#words;
    const doubles = this.#doubles;
    const word = Math.imul(value, 0x01010101);
    let at = from;
    for (; at & 3; at++) this.bytes[at] = value;
    if (at & 4) {
      words[at >> 2] = word;
      at += 4;
    }
    const end = to >> 3;
    const pattern = patterns[value] as number;
    for (let i = at >> 3; i < end; i++) doubles[i] = pattern;
    at = end << 3;
    if (to & 4) {
      words[at >> 2] = word;
      at += 4;
    }
    return at;
  }
}
