/** Width of one bucket, by the time of sending. */
const bucketUs = 100_000;
const buckets = 64;
/** The share is over so many buckets, more of them while fewer than `enoughPackets` are known. */
const shareBuckets = 12;
const maxShareBuckets = 40;
const enoughPackets = 150;
/** Runs are rarer than packets: their length is over a longer time. */
const runBuckets = 60;
/** One long run of losses is an outage, which no redundancy bridges: it is left out. */
export const outageUs = 150_000;
const outagePackets = 6;

/** Loss share and burst length of one direction, from the fates of packets in the order sent (SPEC C3, C4). */
export class LossWindow {
  readonly #known = new Float64Array(buckets);
  readonly #lost = new Float64Array(buckets);
  readonly #runs = new Float64Array(buckets);
  #bucket = -1;
  #runPackets = 0;
  #runFirstUs = 0;
  #runLastUs = 0;
  #outages = 0;

  /** Outages seen so far. */
  get outages(): number {
    return this.#outages;
  }

  /** The next packet arrived. */
  handleReceived(sentUs: number): void {
    if (this.#runPackets > 0) this.#endRun();
    this.#moveTo(sentUs);
    this.#add(this.#known, 1);
  }

  /** The next packet was lost; it counts once a later one has arrived. */
  handleLost(sentUs: number): void {
    if (this.#runPackets === 0) this.#runFirstUs = sentUs;
    this.#runPackets += 1;
    this.#runLastUs = sentUs;
  }

  /** Lost of all packets whose fate is known, 0 to 1, over about 1.2 s; over up to 4 s while they are few. */
  get share(): number {
    const packets = this.packets;
    return packets === 0 ? 0 : this.#sum(this.#lost, this.#shareSpan()) / packets;
  }

  /** Packets that `share` rests upon. */
  get packets(): number {
    return this.#sum(this.#known, this.#shareSpan());
  }

  /** Mean length of the runs of lost packets over 6 s; 1 when nothing was lost. */
  get burstPackets(): number {
    const runs = this.#sum(this.#runs, runBuckets);
    return runs === 0 ? 1 : this.#sum(this.#lost, runBuckets) / runs;
  }

  #endRun(): void {
    const isOutage =
      this.#runPackets >= outagePackets && this.#runLastUs - this.#runFirstUs >= outageUs;
    if (isOutage) this.#outages += 1;
    else {
      this.#moveTo(this.#runLastUs);
      this.#add(this.#known, this.#runPackets);
      this.#add(this.#lost, this.#runPackets);
      this.#add(this.#runs, 1);
    }
    this.#runPackets = 0;
  }

  #moveTo(sentUs: number): void {
    const bucket = Math.floor(sentUs / bucketUs);
    if (bucket <= this.#bucket) return;
    const cleared = Math.min(buckets, bucket - this.#bucket);
    for (let back = 0; back < cleared; back++) {
      const index = (bucket - back) % buckets;
      this.#known[index] = 0;
      this.#lost[index] = 0;
      this.#runs[index] = 0;
    }
    this.#bucket = bucket;
  }

  #add(counts: Float64Array, packets: number): void {
    const index = this.#bucket % buckets;
    counts[index] = (counts[index] as number) + packets;
  }

  #shareSpan(): number {
    let packets = 0;
    for (let back = 0; back < maxShareBuckets; back++) {
      if (back >= shareBuckets && packets >= enoughPackets) return back;
      packets += this.#known[(this.#bucket - back + buckets * 2) % buckets] as number;
    }
    return maxShareBuckets;
  }

  #sum(counts: Float64Array, span: number): number {
    let sum = 0;
    for (let back = 0; back < span; back++) {
      sum += counts[(this.#bucket - back + buckets * 2) % buckets] as number;
    }
    return sum;
  }
}
