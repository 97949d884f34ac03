/** Packets whose sending is remembered. */
const remembered = 256;
/** Weight of a new round trip (RFC 6298). */
const newShare = 1 / 8;
/** Time on the far side is told in steps of so much, µs, in 16 bits; the greatest says nothing. */
const heldStepUs = 100;
export const noEcho = 0xffff;

/** Measures the round trip by packets that name the newest one of the other way and how long ago it came. */
export class RoundTripMeter {
  readonly #sentUs = new Float64Array(remembered).fill(Number.NaN);
  readonly #sentNumbers = new Int32Array(remembered).fill(-1);
  #arrivedNumber = 0;
  #arrivedUs = Number.NaN;
  #roundTripUs: number | undefined;

  /** Smoothed, µs; undefined before the first answer. */
  get roundTripUs(): number | undefined {
    return this.#roundTripUs;
  }

  handleSent(packetNumber: number, nowUs: number): void {
    const place = packetNumber % remembered;
    this.#sentUs[place] = nowUs;
    this.#sentNumbers[place] = packetNumber;
  }

  handleArrived(packetNumber: number, nowUs: number): void {
    this.#arrivedNumber = packetNumber;
    this.#arrivedUs = nowUs;
  }

  /** The newest packet that came. */
  get echoNumber(): number {
    return this.#arrivedNumber;
  }

  /** How long ago it came, in steps of 100 µs; `noEcho` when none did, or too long ago. */
  echoHeld(nowUs: number): number {
    const steps = Math.round((nowUs - this.#arrivedUs) / heldStepUs);
    return steps >= 0 && steps < noEcho ? steps : noEcho;
  }

  /** The other side names a packet of ours. */
  handleEcho(packetNumber: number, held: number, nowUs: number): void {
    const place = packetNumber % remembered;
    if (held === noEcho || this.#sentNumbers[place] !== packetNumber) return;
    const roundTripUs = Math.max(0, nowUs - (this.#sentUs[place] as number) - held * heldStepUs);
    this.#roundTripUs ??= roundTripUs;
    this.#roundTripUs += (roundTripUs - this.#roundTripUs) * newShare;
  }
}
