import { PendingReplies } from '@longreach/kit';
import { NetworkErrorCode, type ReplyEnvelope } from '@longreach/protocol';
import { linkDown, requestRefused, requestTimedOut } from '../errors.ts';
import type { PageClock } from '../page/page-clock.ts';

/** Requests without a reply that a link may have at once; more are refused. */
const maxPending = 256;

/** Requests that wait for their reply. */
export class RequestTable {
  readonly #pending: PendingReplies<ReplyEnvelope>;

  constructor(clock: PageClock) {
    this.#pending = new PendingReplies({
      max: maxPending,
      after: (delayMs, run) => clock.after(delayMs, run),
    });
  }

  /** Opens a request; `send` puts it on the wire under the given id. Gives the body of its reply. */
  async open(verb: string, timeoutMs: number, send: (id: number) => void): Promise<unknown> {
    const { code, message, body } = await this.#pending.ask({
      timeoutMs,
      send,
      errorOf: (cause) => (cause === 'timeout' ? requestTimedOut(verb, timeoutMs) : linkDown()),
    });
    if (code !== NetworkErrorCode.Success) throw requestRefused(verb, code, message);
    return body;
  }

  /** Settles the request that `reply` answers; an unknown one is ignored (it timed out before). */
  handleReply(reply: ReplyEnvelope): void {
    this.#pending.settle(reply.re, reply);
  }

  /** Rejects everything that waits: its link is gone. */
  rejectAll(): void {
    this.#pending.rejectAll();
  }
}
