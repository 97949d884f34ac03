import type { GatewaySendStats } from '@longreach/protocol';
import { Counter } from './counter.ts';
import { DurationMeter } from './duration-meter.ts';
import { Period } from './period.ts';
import { rounded, roundedAll } from './rounded.ts';

/** What the other side says of one sent stream. */
export type ReceptionFacts = {
  /** Share lost in its last report period, %. */
  lostPct: number;
  jitterMs: number;
  /** Absent before the first report that echoes one of ours. */
  rttMs?: number;
};

/** What a sender says of itself when it is asked. */
export type SenderFacts = {
  /** Packets repeated so far. */
  repeated: number;
  /** Parity for each byte of media. */
  parityRatio: number;
};

/** Counts what sending does with one encoding. Pure: time is given, µs. */
export class SendMeter {
  readonly #period: Period;
  readonly #delays = new DurationMeter();
  readonly #repeated = new Counter();
  #pictures = 0;
  #dropped = 0;
  #bytes = 0;
  #reception: ReceptionFacts | undefined;

  constructor(nowUs: number) {
    this.#period = new Period(nowUs);
  }

  /** Sending begins (again); what was counted before is forgotten. */
  start(nowUs: number): void {
    this.#period.end(nowUs);
    this.#delays.take();
    this.#clear();
  }

  /** A picture was handed to the network. */
  handlePicture(): void {
    this.#pictures += 1;
  }

  /** A picture was not sent. */
  handleDropped(): void {
    this.#dropped += 1;
  }

  /** A packet left, so many bytes with every header. */
  handlePacket(bytes: number): void {
    this.#bytes += bytes;
  }

  /** The last packet of a picture left so long after it was encoded. */
  handleSent(delayUs: number): void {
    this.#delays.handle(delayUs);
  }

  /** The other side reported. */
  handleReception(reception: ReceptionFacts): void {
    this.#reception = reception;
  }

  /** The figures since the last call; begins anew. */
  take(nowUs: number, { repeated, parityRatio }: SenderFacts): GatewaySendStats {
    this.#period.end(nowUs);
    const reception = this.#reception;
    const stats = {
      fps: rounded(this.#period.perSecond(this.#pictures), 1),
      ...roundedAll(this.#delays.take(), 2),
      bitrateBps: Math.round(this.#period.perSecond(this.#bytes * 8)),
      droppedPictures: this.#dropped,
      repeatedPackets: this.#repeated.take(repeated),
      parityRatio: rounded(parityRatio, 3),
      ...(reception && {
        lossShare: rounded(reception.lostPct / 100, 4),
        ...roundedAll({ jitterMs: reception.jitterMs, roundTripMs: reception.rttMs }, 1),
      }),
    };
    this.#clear();
    return stats;
  }

  #clear(): void {
    this.#pictures = 0;
    this.#dropped = 0;
    this.#bytes = 0;
    this.#reception = undefined;
  }
}
