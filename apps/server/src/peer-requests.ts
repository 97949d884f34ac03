import { LongreachError, type NoReplyCause, PendingReplies } from '@longreach/kit';
import type { NetworkErrorCode } from '@longreach/protocol';

/** How long and how many may wait, and what they get when the peer does not answer. */
export type PeerRequestsOptions = {
  timeoutMs: number;
  max: number;
  /** Of the error when no reply comes. */
  code: NetworkErrorCode;
  /** The peer's name in messages. */
  peer: string;
  /** Called when a reply did not come in time. */
  onTimeout?: () => void;
};

/** Requests to one peer until it is lost; whatever keeps a reply away becomes a LongreachError. */
export class PeerRequests<Reply> {
  readonly #pending: PendingReplies<Reply>;
  readonly #options: PeerRequestsOptions;
  #lost: string | undefined;

  constructor(options: PeerRequestsOptions) {
    this.#options = options;
    this.#pending = new PendingReplies({
      max: options.max,
      after(delayMs, run) {
        const timer = setTimeout(() => {
          run();
          options.onTimeout?.();
        }, delayMs);
        return () => clearTimeout(timer);
      },
    });
  }

  /** Sends a request by `send(id)` and waits for its reply. Rejects with a LongreachError. */
  ask(send: (id: number) => void): Promise<Reply> {
    if (this.#lost !== undefined) return Promise.reject(this.#errorOf('lost'));
    const { timeoutMs } = this.#options;
    return this.#pending.ask({ timeoutMs, send, errorOf: (cause) => this.#errorOf(cause) });
  }

  /** Hands a reply to whom it belongs; a late or unknown one is dropped. Says whether somebody waited. */
  settle(id: number, reply: Reply): boolean {
    return this.#pending.settle(id, reply);
  }

  /** The peer is gone: everybody who waits, and everybody who asks later, gets an error. */
  lose(reason: string): void {
    this.#lost ??= reason;
    this.#pending.rejectAll();
  }

  #errorOf(cause: NoReplyCause): LongreachError {
    return new LongreachError(this.#options.code, this.#messageOf(cause), { retryable: true });
  }

  #messageOf(cause: NoReplyCause): string {
    const { peer, timeoutMs } = this.#options;
    switch (cause) {
      case 'tooMany':
        return `${peer} has too many requests to answer`;
      case 'timeout':
        return `${peer} did not answer within ${timeoutMs} ms`;
      case 'lost':
        return this.#lost ?? `${peer} was lost`;
    }
  }
}
