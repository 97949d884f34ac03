import { type MediaType, type StreamArrivals, trackIdOf } from '@longreach/protocol';
import type { TrackIdentity } from '@longreach/telemetry';
import type { PictureState } from '../api.ts';
import type { MachineTime } from '../media/machine-time.ts';
import { pictureAgeMs, pictureStateOf } from '../media/picture-age.ts';
import type { SessionContext } from './session-context.ts';
import { TrackMonitor } from './track-monitor.ts';

/** A picture that appeared so long ago counts as shown just now, ms. */
const justNowMs = 500;

type Watched = { monitor: TrackMonitor; state: PictureState; isWatched: boolean };

/** One monitor for each stream that was ever shown, and the state of its newest picture. */
export class Monitors {
  readonly #context: SessionContext;
  readonly #streams = new Map<number, Watched>();

  constructor(context: SessionContext) {
    this.#context = context;
  }

  of(streamId: number): TrackMonitor {
    return this.#ensure(streamId).monitor;
  }

  /** The media worker told how long pictures took to it. */
  handleArrivals(streams: readonly StreamArrivals[], time: MachineTime): void {
    const nowMs = this.#context.clock.nowMs();
    for (const arrivals of streams) {
      this.#streams.get(arrivals.streamId)?.monitor.handleArrivals(arrivals, time, nowMs);
    }
  }

  /** Age of the newest picture of a stream, ms; infinite before the first. */
  ageMs(streamId: number): number {
    const { monitor } = this.#ensure(streamId);
    return pictureAgeMs(monitor.newest, this.#context.clock.nowMs());
  }

  /** Whether a watched stream (or this one) showed a new picture just now: its worker lives, and the way from there. */
  isShowing(only?: number): boolean {
    const sinceMs = this.#context.clock.nowMs() - justNowMs;
    for (const [streamId, { isWatched, monitor }] of this.#streams) {
      if (!isWatched || (only !== undefined && streamId !== only)) continue;
      if ((monitor.newest?.presentedMs ?? 0) > sinceMs) return true;
    }
    return false;
  }

  /** Newest capture time on screen of a stream, machine clock, µs; 0 before the first. */
  captureTimeUs(streamId: number): number {
    return this.#ensure(streamId).monitor.newest?.captureTimeUs ?? 0;
  }

  /** Newest capture time on screen of any watched stream, machine clock, µs; 0 before the first. */
  newestCaptureTimeUs(): number {
    const watched = [...this.#streams.values()].filter(({ isWatched }) => isWatched);
    return Math.max(0, ...watched.map(({ monitor }) => monitor.newest?.captureTimeUs ?? 0));
  }

  /** Streams that an element shows now; time counts for these only, and only while the page is seen. */
  setWatched(streamIds: ReadonlySet<number>): void {
    for (const streamId of streamIds) this.#ensure(streamId);
    const nowMs = this.#context.clock.nowMs();
    for (const [streamId, watched] of this.#streams) {
      watched.isWatched = streamIds.has(streamId);
      if (watched.isWatched && this.#context.isPageVisible()) watched.monitor.resume(nowMs);
      else watched.monitor.pause(nowMs);
    }
  }

  /** Tells each watched stream whose picture changed its state. Call at least every 50 ms. */
  checkPictures(): void {
    const { deviceId, emit } = this.#context;
    for (const [streamId, watched] of this.#streams) {
      if (!watched.isWatched) continue;
      const ageMs = this.ageMs(streamId);
      const state = pictureStateOf(ageMs);
      if (state === watched.state) continue;
      watched.state = state;
      emit('pictureStateChanged', { deviceId, streamId, state, ageMs });
    }
  }

  #ensure(streamId: number): Watched {
    const known = this.#streams.get(streamId);
    if (known) return known;
    const monitor = new TrackMonitor(this.#context.clock.nowMs(), true);
    const watched: Watched = { monitor, state: 'none', isWatched: false };
    this.#streams.set(streamId, watched);
    return watched;
  }
}

/** Whose statistics: one medium of one stream of a machine. */
export function identityOf(
  deviceId: string,
  streamId: number,
  mediaType: MediaType,
): TrackIdentity {
  const trackId = trackIdOf(deviceId, streamId, mediaType);
  return { srcUserId: deviceId, trackId, streamId, mediaType };
}
