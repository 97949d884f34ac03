import type { PageClock } from '../page/page-clock.ts';

type Timer = { atMs: number; run: () => void };

/** A page clock that only moves when told; for tests. */
export class ManualPageClock implements PageClock {
  #nowMs = 1000;
  #timers: Timer[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves time by `deltaMs`, runs what falls due in order, and lets promises settle in between. */
  async advance(deltaMs: number): Promise<void> {
    const untilMs = this.#nowMs + deltaMs;
    await settle();
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= untilMs);
      const next = due.reduce<Timer | undefined>(
        (first, timer) => (first && first.atMs <= timer.atMs ? first : timer),
        undefined,
      );
      if (!next) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.run();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /** Jumps ahead as a page that stood still: what fell due runs late, once. */
  async stall(deltaMs: number): Promise<void> {
    this.#nowMs += deltaMs;
    await this.advance(0);
  }
}

/** Lets every promise that is ready settle. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
