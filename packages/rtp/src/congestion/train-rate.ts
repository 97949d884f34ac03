/** Packets sent no further apart than this belong to one train. */
const maxGapUs = 6_000;
const maxTrainUs = 30_000;
/** A train needs so many packets, and bytes after its first, to say anything. */
const minPackets = 3;
const minBytes = 1_500;
/** Resolution of arrival times. */
const arrivalUnitUs = 250;
/** The newest trains that are looked at, none older than this. */
const trains = 9;
const minTrains = 2;
const maxAgeUs = 5_000_000;
/** Below the middle: a receiver that reads several packets at once makes trains look shorter, hence faster. */
const quantile = 0.4;

/**
 * What the bottleneck can carry, from the spread at arrival of packets that were sent as one burst (SPEC C8). A
 * burst that was sent slowly says only that much at least.
 */
export class TrainRate {
  readonly #ratesBps = new Float64Array(trains);
  readonly #timesUs = new Float64Array(trains).fill(Number.NEGATIVE_INFINITY);
  readonly #sorted = new Float64Array(trains);
  #next = 0;
  #packets = 0;
  #bytes = 0;
  #firstSentUs = 0;
  #lastSentUs = Number.NEGATIVE_INFINITY;
  #firstArrivalUs = 0;
  #lastArrivalUs = 0;

  /** The next packet, in the order sent, that arrived. */
  handleReceived(sentUs: number, arrivalUs: number, bytes: number): void {
    const isApart = sentUs - this.#lastSentUs > maxGapUs || sentUs - this.#firstSentUs > maxTrainUs;
    if (isApart) {
      this.#finish();
      this.#packets = 0;
      this.#bytes = 0;
      this.#firstSentUs = sentUs;
      this.#firstArrivalUs = arrivalUs;
      this.#lastArrivalUs = arrivalUs;
    } else this.#bytes += bytes;
    this.#packets += 1;
    this.#lastSentUs = sentUs;
    this.#lastArrivalUs = Math.max(this.#lastArrivalUs, arrivalUs);
  }

  /** Bit/s that the newest trains came with; undefined when there were too few of late. */
  bps(nowUs: number): number | undefined {
    let count = 0;
    for (let index = 0; index < trains; index++) {
      if (nowUs - (this.#timesUs[index] as number) > maxAgeUs) continue;
      this.#sorted[count++] = this.#ratesBps[index] as number;
    }
    if (count < minTrains) return undefined;
    return this.#sorted.subarray(0, count).sort()[Math.floor(count * quantile)];
  }

  /** When the newest usable train was sent. */
  get newestUs(): number {
    return this.#timesUs[(this.#next + trains - 1) % trains] as number;
  }

  #finish(): void {
    if (this.#packets < minPackets || this.#bytes < minBytes) return;
    const spanUs = Math.max(arrivalUnitUs, this.#lastArrivalUs - this.#firstArrivalUs);
    this.#ratesBps[this.#next] = (this.#bytes * 8e6) / spanUs;
    this.#timesUs[this.#next] = this.#lastSentUs;
    this.#next = (this.#next + 1) % trains;
  }
}
