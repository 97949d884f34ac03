export {
  type ClockExchange,
  type ClockOffset,
  ClockSync,
  type ClockSyncOptions,
  maxSkewPpm,
} from './clock-sync.ts';
export { FreezeMeter, type FreezePeriod, sumFreezePeriods } from './freeze-rate.ts';
export {
  type JitterAction,
  type JitterSample,
  JitterWatchdog,
  type JitterWatchdogOptions,
  neededBufferMs,
} from './jitter-watchdog.ts';
export { LatencyMeter, type LatencyPeriod } from './latency.ts';
export { type LatencyPart, LatencySplit } from './latency-split.ts';
export { StableFps } from './stable-fps.ts';
export type { StatsEntry, StatsSnapshot } from './stats-snapshot.ts';
export type { PresentedFigures, TrackIdentity } from './track-formulas.ts';
export { WebRTCStatsCollector } from './webrtc-stats.ts';
