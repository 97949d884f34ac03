import { NetworkErrorCode, type ReplyEnvelope } from '@longreach/protocol';
import { linkDown, requestRefused, requestTimedOut } from '../errors.ts';
import type { PageClock } from '../page/page-clock.ts';

type Pending = {
  verb: string;
  resolve: (body: unknown) => void;
  reject: (error: Error) => void;
  cancelTimer: () => void;
};

/** Requests without a reply that a link may have at once; more are refused. */
const maxPending = 256;

/** Requests that wait for their reply. */
export class RequestTable {
  readonly #clock: PageClock;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(clock: PageClock) {
    this.#clock = clock;
  }

  /** Opens a request; `send` puts it on the wire under the given id. */
  open(verb: string, timeoutMs: number, send: (id: number) => void): Promise<unknown> {
    if (this.#pending.size >= maxPending) return Promise.reject(linkDown());
    const id = this.#nextId;
    this.#nextId = (this.#nextId % 0x7fffffff) + 1;
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(timeoutMs, () => {
        this.#pending.delete(id);
        reject(requestTimedOut(verb, timeoutMs));
      });
      this.#pending.set(id, { verb, resolve, reject, cancelTimer });
      send(id);
    });
  }

  /** Settles the request that `reply` answers; an unknown one is ignored (it timed out before). */
  handleReply(reply: ReplyEnvelope): void {
    const pending = this.#pending.get(reply.re);
    if (!pending) return;
    this.#pending.delete(reply.re);
    pending.cancelTimer();
    if (reply.code === NetworkErrorCode.Success) pending.resolve(reply.body);
    else pending.reject(requestRefused(pending.verb, reply.code, reply.message));
  }

  /** Rejects everything that waits: its link is gone. */
  rejectAll(): void {
    for (const pending of this.#pending.values()) {
      pending.cancelTimer();
      pending.reject(linkDown());
    }
    this.#pending.clear();
  }
}
