import { RepairReceiver } from '@longreach/rtp';
import { type MixedPacket, SlidingWindowDecoder } from './sliding-window.ts';

type Recovered = readonly { sequence: number; payload?: Uint8Array }[];

/** The receiving side of a simulated leg, whatever code it uses. */
export type LegReceiver = {
  readonly wasDuplicate: boolean;
  readonly nextDeadlineUs: number | undefined;
  readonly givenUp: number;
  handleMedia(
    sequence: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
    nowUs: number,
  ): Recovered;
  handleParity?(fec: Uint8Array, timestamp: number, nowUs: number): Recovered;
  handleMixed?(packet: MixedPacket, nowUs: number): Recovered;
  handleKeyFrameStart(sequence: number): void;
  takeDue(nowUs: number): readonly number[];
  takeKeyFrameNeeded(): boolean;
  setRoundTripUs(us: number): void;
};

/** The receiver of the product. */
export class BlockReceiver extends RepairReceiver implements LegReceiver {
  get givenUp(): number {
    return this.stats.givenUp;
  }

  handleParity(fec: Uint8Array, timestamp: number, nowUs: number): Recovered {
    return this.handleFec(fec, timestamp, nowUs);
  }
}

/** The same requests, but parity over several frames: it is waited for as long, and only what is lacking is asked for. */
export class WindowReceiver implements LegReceiver {
  readonly #repair = new RepairReceiver({ reorderPackets: 1000, reorderUs: 8_000 });
  readonly #decoder = new SlidingWindowDecoder();
  /** Numbers since the beginning, by their low 16 bits. */
  #newest = -1;
  #timestamp = 0;
  wasDuplicate = false;

  get nextDeadlineUs(): number | undefined {
    return this.#repair.nextDeadlineUs;
  }

  get givenUp(): number {
    return this.#repair.stats.givenUp;
  }

  handleMedia(
    sequence: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
    nowUs: number,
  ): Recovered {
    this.#repair.handleMedia(sequence, timestamp, marker, payload, nowUs);
    this.wasDuplicate = this.#repair.wasDuplicate;
    if (this.wasDuplicate) return [];
    const extended = this.#extend(sequence);
    if (extended > this.#newest) this.#timestamp = timestamp;
    this.#newest = Math.max(this.#newest, extended);
    this.#decoder.forgetBefore(this.#newest - 200);
    return this.#tell(this.#decoder.handleMedia(extended), nowUs);
  }

  handleMixed(packet: MixedPacket, nowUs: number): Recovered {
    return this.#tell(this.#decoder.handleParity(packet), nowUs);
  }

  handleKeyFrameStart(sequence: number): void {
    this.#repair.handleKeyFrameStart(sequence);
  }

  takeDue(nowUs: number): readonly number[] {
    const due = this.#repair.takeDue(nowUs);
    if (due.length === 0) return due;
    return due.slice(0, this.#decoder.lacking(due.map((sequence) => this.#extend(sequence))));
  }

  takeKeyFrameNeeded(): boolean {
    return this.#repair.takeKeyFrameNeeded();
  }

  setRoundTripUs(us: number): void {
    this.#repair.setRoundTripUs(us);
  }

  #extend(sequence: number): number {
    if (this.#newest < 0) return sequence;
    return this.#newest + (((sequence - this.#newest) << 16) >> 16);
  }

  #tell(computed: readonly number[], nowUs: number): Recovered {
    const recovered: { sequence: number }[] = [];
    for (const extended of computed) {
      const sequence = extended & 0xffff;
      this.#repair.handleMedia(sequence, this.#timestamp, false, new Uint8Array(0), nowUs);
      if (!this.#repair.wasDuplicate) recovered.push({ sequence });
    }
    return recovered;
  }
}
