import { RefusalCode } from '@longreach/protocol';
import type { DriveInput } from '../api.ts';
import { invalidParameters, toError } from '../errors.ts';
import type { PageClock } from '../page/page-clock.ts';
import { Deadlines } from './deadlines.ts';

export type CommandStreamOptions = {
  /** Frames a second. */
  hz: number;
  clock: PageClock;
  sample: () => DriveInput | undefined;
  /** Why nothing may leave now, or `None`. */
  refusal: () => RefusalCode;
  /** Sends one frame now or drops it; never queues. Throws RangeError on set-points out of range. */
  send: (input: DriveInput) => void;
  /** Told when the reason changes, not for each frame. */
  onRefused: (code: RefusalCode) => void;
  onError: (error: Error) => void;
};

const maxHz = 200;

/** Asks for set-points at a fixed rate and sends them while nothing speaks against it. */
export class CommandStream {
  readonly #options: CommandStreamOptions;
  readonly #deadlines: Deadlines;
  #cancel: () => void;
  #refused: RefusalCode = RefusalCode.None;
  #hasFailed = false;
  #stopped = false;

  constructor(options: CommandStreamOptions) {
    if (!(options.hz > 0 && options.hz <= maxHz)) {
      throw invalidParameters(`a command rate is above 0 and at most ${maxHz} Hz`);
    }
    this.#options = options;
    this.#deadlines = new Deadlines(1000 / options.hz, options.clock.nowMs());
    this.#cancel = this.#schedule();
  }

  /** Idempotent. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #schedule(): () => void {
    const { clock } = this.#options;
    return clock.after(this.#deadlines.nextDelayMs(clock.nowMs()), () => this.#tick());
  }

  #tick(): void {
    this.#sendOne();
    if (!this.#stopped) this.#cancel = this.#schedule();
  }

  #sendOne(): void {
    const { sample, refusal, send, onRefused, onError } = this.#options;
    try {
      const input = sample();
      if (input === undefined || this.#stopped) return;
      const code = refusal();
      if (code === RefusalCode.None) send(input);
      if (code !== this.#refused && code !== RefusalCode.None) onRefused(code);
      this.#refused = code;
      this.#hasFailed = false;
    } catch (thrown) {
      // A broken sample function must not end the stream silently, nor flood: it is told once in a row.
      if (!this.#hasFailed) onError(toError(thrown));
      this.#hasFailed = true;
    }
  }
}
