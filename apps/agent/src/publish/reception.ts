import { type ReportBlock, roundTripUs } from '@longreach/rtp';
import { ntpNowUs } from './ntp-clock.ts';

/** What the other side says about one sent stream. */
export type Reception = {
  /** Share lost in the last report period, %. */
  lostPct: number;
  cumulativeLost: number;
  /** Interarrival jitter, units of the RTP clock. */
  jitter: number;
  /** ms; absent before the first report that echoes one of ours. */
  rttMs?: number;
};

/** Reads a receiver report about us (RFC 3550 section 6.4.1). */
export function readReception(block: ReportBlock): Reception {
  const tripUs = roundTripUs(ntpNowUs(), block.lastSr, block.delaySinceLastSr);
  return {
    lostPct: (block.fractionLost * 100) / 256,
    cumulativeLost: block.cumulativeLost,
    jitter: block.jitter,
    ...(tripUs === undefined ? {} : { rttMs: tripUs / 1000 }),
  };
}
