/** From this length on the call of `fill` costs less than a loop of wide stores. */
const longSpan = 640;

/** Eight times the same byte, by that byte. None for 255: as a double that is not a number, whose bits may change. */
const patterns = createPatterns();

function createPatterns(): Float64Array {
  const created = new Float64Array(256);
  const bytes = new Uint8Array(created.buffer);
  for (let value = 0; value < 255; value++) bytes.fill(value, value * 8, value * 8 + 8);
  return created;
}

/**
 * One plane of a picture, with spans filled by wide stores; values are whole numbers from 0 to 254.
 * A view of its own on the memory: on a Buffer, `fill` is Node's and takes many times as long for a short span.
 */
export class BytePlane {
  readonly bytes: Uint8Array;
  /** Stores eight bytes anywhere. */
  readonly #anywhere: DataView;
  /** Stores eight bytes at multiples of eight, which a loop does faster. */
  readonly #aligned: Float64Array;

  /** The memory must begin at an address divisible by eight. */
  constructor(memory: Uint8Array) {
    const { buffer, byteOffset, length } = memory;
    this.bytes = new Uint8Array(buffer, byteOffset, length);
    this.#anywhere = new DataView(buffer, byteOffset, length);
    this.#aligned = new Float64Array(buffer, byteOffset, length >> 3);
  }

  /** Writes `value` from index `from` up to but not including `to`. */
  fill(from: number, to: number, value: number): void {
    const length = to - from;
    if (length >= longSpan) {
      this.bytes.fill(value, from, to);
    } else if (length >= 8) {
      // The ends overlap the middle instead of branching on what remains: spans are of random length.
      const pattern = patterns[value] as number;
      const aligned = this.#aligned;
      const end = to >> 3;
      this.#anywhere.setFloat64(from, pattern, true);
      for (let i = (from + 8) >> 3; i < end; i++) aligned[i] = pattern;
      this.#anywhere.setFloat64(to - 8, pattern, true);
    } else {
      this.#fillShort(from, to, value);
    }
  }

  #fillShort(from: number, to: number, value: number): void {
    if (to - from >= 4) {
      const word = Math.imul(value, 0x01010101);
      this.#anywhere.setInt32(from, word, true);
      this.#anywhere.setInt32(to - 4, word, true);
      return;
    }
    const { bytes } = this;
    for (let at = from; at < to; at++) bytes[at] = value;
  }

  /** Fills the same span of two planes at once. */
  static fillPair(
    a: BytePlane,
    b: BytePlane,
    from: number,
    to: number,
    aValue: number,
    bValue: number,
  ): void {
    const length = to - from;
    if (length < 8 || length >= longSpan) {
      a.fill(from, to, aValue);
      b.fill(from, to, bValue);
      return;
    }
    const aPattern = patterns[aValue] as number;
    const bPattern = patterns[bValue] as number;
    const aAligned = a.#aligned;
    const bAligned = b.#aligned;
    const end = to >> 3;
    a.#anywhere.setFloat64(from, aPattern, true);
    b.#anywhere.setFloat64(from, bPattern, true);
    for (let i = (from + 8) >> 3; i < end; i++) {
      aAligned[i] = aPattern;
      bAligned[i] = bPattern;
    }
    a.#anywhere.setFloat64(to - 8, aPattern, true);
    b.#anywhere.setFloat64(to - 8, bPattern, true);
  }
}
