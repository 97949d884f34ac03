import { LongreachError } from '@longreach/kit';
import type { NetworkErrorCode } from '@longreach/protocol';

type Waiter<Reply> = {
  resolve: (reply: Reply) => void;
  reject: (error: LongreachError) => void;
  timer: NodeJS.Timeout;
};

/** How long and how many may wait, and what they get when the peer does not answer. */
export type PendingRepliesOptions = {
  timeoutMs: number;
  max: number;
  /** Of the error when no reply comes. */
  code: NetworkErrorCode;
  /** The peer's name in messages. */
  peer: string;
  /** Called when a reply did not come in time. */
  onTimeout?: () => void;
};

/** Requests that wait for the reply of one peer, by id; each ends by reply, by time or with the peer. */
export class PendingReplies<Reply> {
  readonly #waiters = new Map<number, Waiter<Reply>>();
  readonly #options: PendingRepliesOptions;
  #nextId = 1;
  #lost: string | undefined;

  constructor(options: PendingRepliesOptions) {
    this.#options = options;
  }

  /** Sends a request by `send(id)` and waits for its reply. Rejects with a LongreachError. */
  ask(send: (id: number) => void): Promise<Reply> {
    const { timeoutMs, max, peer } = this.#options;
    if (this.#lost !== undefined) return Promise.reject(this.#error(this.#lost));
    if (this.#waiters.size >= max) {
      return Promise.reject(this.#error(`${peer} has too many requests to answer`));
    }
    const id = this.#nextId;
    this.#nextId = id === 0x7fffffff ? 1 : id + 1;
    return new Promise<Reply>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(id);
        reject(this.#error(`${peer} did not answer within ${timeoutMs} ms`));
        this.#options.onTimeout?.();
      }, timeoutMs);
      this.#waiters.set(id, { resolve, reject, timer });
      send(id);
    });
  }

  /** Hands a reply to whom it belongs; a late or unknown one is dropped. Says whether somebody waited. */
  settle(id: number, reply: Reply): boolean {
    const waiter = this.#waiters.get(id);
    if (waiter === undefined) return false;
    this.#waiters.delete(id);
    clearTimeout(waiter.timer);
    waiter.resolve(reply);
    return true;
  }

  /** The peer is gone: everybody who waits, and everybody who asks later, gets an error. */
  lose(reason: string): void {
    this.#lost ??= reason;
    for (const waiter of this.#waiters.values()) {
      clearTimeout(waiter.timer);
      waiter.reject(this.#error(this.#lost));
    }
    this.#waiters.clear();
  }

  #error(message: string): LongreachError {
    return new LongreachError(this.#options.code, message, { retryable: true });
  }
}
