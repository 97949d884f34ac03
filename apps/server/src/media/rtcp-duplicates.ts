/** Equal packets within this time are one that was handed over several times, µs. */
const windowUs = 4_000;
const remembered = 4;

/**
 * The native library hands a compound RTCP packet to the m-line of each SSRC that it names, twice to the same one if
 * it names two of its SSRCs. Tells such copies, so that nothing is repeated or counted twice.
 */
export class RtcpDuplicates {
  readonly #packets: Array<Buffer | undefined> = new Array(remembered).fill(undefined);
  readonly #arrivedUs = new Float64Array(remembered);
  #next = 0;

  /** Whether this packet is a copy of one that came just now; remembers it otherwise. */
  isRepeated(packet: Buffer, nowUs: number): boolean {
    for (let i = 0; i < remembered; i++) {
      const isFresh = nowUs - (this.#arrivedUs[i] as number) < windowUs;
      if (isFresh && this.#packets[i]?.equals(packet)) return true;
    }
    this.#packets[this.#next] = packet;
    this.#arrivedUs[this.#next] = nowUs;
    this.#next = (this.#next + 1) % remembered;
    return false;
  }
}
