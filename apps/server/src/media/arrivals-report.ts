import { encodeReport, limits, type StreamArrivals } from '@longreach/protocol';
import type { Slot } from './slot.ts';

/** Tells a viewer how long the pictures of what its slots show took to come here; undefined while none came. */
export function arrivalsReport(slots: Iterable<Slot>): Uint8Array | undefined {
  const streams: StreamArrivals[] = [];
  for (const slot of slots) {
    const source = slot.shownSource;
    if (!source?.arrivals || source.arrivals.frames === 0) continue;
    if (streams.length === limits.streamsPerDevice) break;
    const { frames, delayTicks } = source.arrivals;
    streams.push({ streamId: source.options.streamId, frames, delayTicks });
  }
  return streams.length === 0 ? undefined : encodeReport({ kind: 'arrivals', streams });
}
