/** Why a request ends without its reply: too many wait already, its time is over, or the peer is gone. */
export type NoReplyCause = 'tooMany' | 'timeout' | 'lost';

/** Bounds of a table of waiting requests, and its timers. */
export type PendingRepliesOptions = {
  /** Requests that may wait at once; a further one is rejected. */
  max: number;
  /** Runs once after `delayMs`; gives what cancels it. */
  after: (delayMs: number, run: () => void) => () => void;
};

/** One request to a peer. */
export type PendingRequest = {
  /** How long its reply may take, ms. */
  timeoutMs: number;
  /** Puts it on the wire under this id; what it throws, the request is rejected with. */
  send: (id: number) => void;
  /** The error for a request that gets no reply. */
  errorOf: (cause: NoReplyCause) => Error;
};

type Waiter<Reply> = {
  request: PendingRequest;
  resolve: (reply: Reply) => void;
  reject: (error: unknown) => void;
  cancelTimer: () => void;
};

/** Largest request id; after it they begin at 1 again. 0 is never given. */
const maxId = 0x7fffffff;

/** Requests that wait for the replies of one peer, by id; each ends by its reply, by time or with the peer. */
export class PendingReplies<Reply> {
  readonly #options: PendingRepliesOptions;
  readonly #waiters = new Map<number, Waiter<Reply>>();
  #lastId = 0;

  constructor(options: PendingRepliesOptions) {
    this.#options = options;
  }

  /** Sends a request and waits for its reply. Rejects with what `errorOf` gives when none comes. */
  ask(request: PendingRequest): Promise<Reply> {
    if (this.#waiters.size >= this.#options.max) return Promise.reject(request.errorOf('tooMany'));
    this.#lastId = (this.#lastId % maxId) + 1;
    const id = this.#lastId;
    return new Promise<Reply>((resolve, reject) => {
      const cancelTimer = this.#options.after(request.timeoutMs, () => {
        this.#take(id)?.reject(request.errorOf('timeout'));
      });
      this.#waiters.set(id, { request, resolve, reject, cancelTimer });
      try {
        request.send(id);
      } catch (error) {
        this.#take(id)?.reject(error);
      }
    });
  }

  /** Hands a reply to whom it belongs; a late or unknown one is dropped. Says whether somebody waited. */
  settle(id: number, reply: Reply): boolean {
    const waiter = this.#take(id);
    waiter?.resolve(reply);
    return waiter !== undefined;
  }

  /** The peer is gone: everybody who waits gets an error. */
  rejectAll(): void {
    for (const id of [...this.#waiters.keys()]) {
      const waiter = this.#take(id);
      waiter?.reject(waiter.request.errorOf('lost'));
    }
  }

  #take(id: number): Waiter<Reply> | undefined {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    waiter?.cancelTimer();
    return waiter;
  }
}
