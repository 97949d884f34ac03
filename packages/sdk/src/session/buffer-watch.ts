import type { WebRTCStats } from '@longreach/protocol';
import { type JitterAction, JitterWatchdog, neededBufferMs } from '@longreach/telemetry';

/** A watchdog over the jitter buffer of each stream, fed with the figures of every second. */
export class BufferWatch {
  readonly #streams = new Map<number, JitterWatchdog>();

  /** Takes the figures of the last second of a stream; says what to do about its buffer. */
  handleFigures(streamId: number, stats: WebRTCStats | undefined, nowMs: number): JitterAction {
    if (!stats) return 'none';
    const { jitterBuffer, jitterBufferTarget, jitter, rtt, nackDelta } = stats;
    return this.#watchdogOf(streamId).handleSample({
      nowMs,
      neededMs: neededBufferMs({
        jitterMs: (jitter ?? 0) * 1000,
        roundTripMs: rtt,
        repeatsAsked: nackDelta ?? 0,
      }),
      ...(jitterBuffer === undefined ? {} : { bufferMs: jitterBuffer }),
      ...(jitterBufferTarget === undefined ? {} : { targetMs: jitterBufferTarget }),
    });
  }

  #watchdogOf(streamId: number): JitterWatchdog {
    const known = this.#streams.get(streamId);
    if (known) return known;
    const watchdog = new JitterWatchdog();
    this.#streams.set(streamId, watchdog);
    return watchdog;
  }
}
