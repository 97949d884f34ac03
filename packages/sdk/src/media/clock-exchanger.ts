import { decodeClock, encodeClock } from '@longreach/protocol';
import type { ClockExchange } from '@longreach/telemetry';
import type { PageClock } from '../page/page-clock.ts';
import type { MediaConnection } from './media-connection.ts';

/** What it needs of a connection. */
type ClockedConnection = Pick<MediaConnection, 'on' | 'send'>;

/** A burst at the start, then one exchange a second. */
const burst = { exchanges: 8, periodMs: 30 };
const steadyPeriodMs = 1000;
/** While a reply is missing: is the worker still there? */
const doubtPeriodMs = 150;
/**
 * Before anything was heard one in so many counts: with losses the other end's handshake may still be repeated for
 * seconds after ours was done.
 */
const openingShare = 6;

/** Exchanges clock stamps with the media worker of one connection, from the opening of its channel to its end. */
export class ClockExchanger {
  readonly #connection: ClockedConnection;
  readonly #clock: PageClock;
  #sent = 0;
  #unanswered = 0;
  #cancel = () => {};
  #running = false;
  #wasHeard = false;

  constructor(
    connection: ClockedConnection,
    clock: PageClock,
    onExchange: (exchange: ClockExchange) => void,
  ) {
    this.#connection = connection;
    this.#clock = clock;
    connection.on('clockReceived', (bytes) => {
      const arrivedUs = this.#clock.nowMs() * 1000;
      const reply = decodeClock(bytes);
      if (reply?.kind !== 'reply') return;
      this.#handleSign();
      const { sentUs, receivedUs, repliedUs } = reply;
      onExchange({ sentUs, receivedUs, repliedUs, arrivedUs });
    });
    // Whatever the worker passes on says that it is there: under heavy loss several exchanges in a row may be lost.
    connection.on('reportReceived', () => this.#handleSign());
    connection.on('channelOpened', (label) => {
      if (label === 'clock' && !this.#running) {
        this.#running = true;
        this.#send();
      }
    });
  }

  /** Requests since the last reply or report: the worker is gone, or the path to it, when they add up. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Idempotent. */
  close(): void {
    this.#cancel();
  }

  #send(): void {
    const request = encodeClock({ kind: 'request', sentUs: this.#clock.nowMs() * 1000 });
    if (this.#connection.send('clock', request) === 'notOpen') return;
    this.#sent++;
    // Those of the burst follow each other faster than answers can come.
    if (this.#sent >= burst.exchanges) this.#countUnanswered();
    const isDoubtful = this.#unanswered > 1 || !this.#wasHeard;
    const restMs = isDoubtful ? doubtPeriodMs : steadyPeriodMs;
    const delayMs = this.#sent < burst.exchanges ? burst.periodMs : restMs;
    this.#cancel = this.#clock.after(delayMs, () => this.#send());
  }

  #countUnanswered(): void {
    if (this.#wasHeard || this.#sent % openingShare === 0) this.#unanswered++;
  }

  #handleSign(): void {
    this.#wasHeard = true;
    this.#unanswered = 0;
  }
}
