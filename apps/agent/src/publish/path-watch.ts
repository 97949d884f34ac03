import { decodeClock, encodeClock } from '@longreach/protocol';
import { type ClockOffset, ClockSync } from '@longreach/telemetry';
import { machineClock } from '../local/machine-clock.ts';

/** Exchanges at the start, to know the clock soon. */
const burstExchanges = 8;
const burstPeriodMs = 20;
/** Often enough to find a dead path within a second. */
const periodMs = 200;
/** Silence after which the path counts as dead, µs. */
const silenceUs = 800_000;
/** Time for the first reply, µs. */
const firstReplyUs = 2_000_000;
/** A step that comes so late says that this process stood still, µs. */
const lateStepUs = 300_000;

/** Keeps asking the worker for its clock: measures the worker's clock, and notices when nothing comes back any more. */
export class PathWatch {
  readonly #send: (request: Uint8Array) => void;
  readonly #clock = new ClockSync();
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #steps = 0;
  #steppedUs = 0;
  #deadlineUs = 0;

  constructor(send: (request: Uint8Array) => void, onSilence: () => void) {
    this.#send = send;
    this.#onSilence = onSilence;
  }

  /** The path is up: begin. */
  start(): void {
    this.#steppedUs = machineClock.nowUs();
    this.#deadlineUs = this.#steppedUs + firstReplyUs;
    this.#step();
  }

  /** Something else of the worker arrived: under heavy loss several exchanges in a row may be lost. */
  handleSignOfLife(): void {
    this.#deadlineUs = Math.max(this.#deadlineUs, machineClock.nowUs() + silenceUs);
  }

  /** The worker's clock minus the machine's, if it is known. */
  clockOffset(): ClockOffset | undefined {
    return this.#clock.offsetAt(machineClock.nowUs());
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #step(): void {
    const nowUs = machineClock.nowUs();
    const standstillUs = nowUs - this.#steppedUs;
    // Replies may wait unread after a standstill of our own: give them another period.
    if (standstillUs > lateStepUs) this.#deadlineUs += standstillUs;
    this.#steppedUs = nowUs;
    if (nowUs > this.#deadlineUs) {
      this.#onSilence();
      return;
    }
    this.#send(encodeClock({ kind: 'request', sentUs: nowUs }));
    this.#steps += 1;
    const waitMs = this.#steps < burstExchanges ? burstPeriodMs : periodMs;
    this.#timer = setTimeout(() => this.#step(), waitMs);
  }

  /** Takes a message of the worker's clock. */
  handleMessage(bytes: Uint8Array): void {
    const arrivedUs = machineClock.nowUs();
    const message = decodeClock(bytes);
    if (message?.kind !== 'reply') return;
    const { sentUs, receivedUs, repliedUs } = message;
    if (!this.#clock.handleExchange({ sentUs, receivedUs, repliedUs, arrivedUs })) return;
    this.#deadlineUs = arrivedUs + silenceUs;
  }
}
