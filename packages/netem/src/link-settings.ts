import type { TraceLine } from './trace.ts';

/** Loss of single packets, or of runs of packets (Gilbert-Elliott: a good state that loses none, a bad one that loses all). */
export type LossSettings =
  | { kind: 'uniform'; share: number }
  | { kind: 'bursts'; share: number; meanBurstPackets: number };

/** Delay on top, evenly spread over 0 to `maxMs`. */
export type JitterSettings = {
  maxMs: number;
  /** `kept`: a packet never overtakes, it waits for the one before. `free`: it may. */
  order: 'kept' | 'free';
  /**
   * How long one value holds, so that the packets of a picture are late together; 0 (default) draws for each packet.
   * Packets that keep their order and draw one by one are nearly all as late as the latest.
   */
  holdMs?: number;
};

/** Part of a rate schedule; schedules repeat. 0 = nothing is sent, the queue waits. */
export type RateStep = { durationMs: number; rateKbps: number };

/** Most that waits for a link with a rate; a packet that finds it full is dropped. `ms` counts at the rate of the moment. */
export type QueueSettings = { ms: number } | { bytes: number };

/** Nothing arrives for `lengthMs` of each `periodMs`, at first after `offsetMs` (default: at the period's end). */
export type OutageSettings = { periodMs: number; lengthMs: number; offsetMs?: number };

/** One direction of a link. What is left out does not happen: `{}` passes everything at once. */
export type LinkSettings = {
  /** The same seed drops the same packets, counted from the start, whenever they come. Default 1. */
  seed?: number;
  /** Default 0. */
  delayMs?: number;
  jitter?: JitterSettings;
  loss?: LossSettings;
  /** Share of the packets that arrive twice. */
  duplicateShare?: number;
  /** Rate of IP packets (payload and 28 bytes of headers), kbit/s, fixed or as a schedule. */
  rate?: number | readonly RateStep[];
  /** Default 200 ms; means nothing without a rate or a trace. */
  queue?: QueueSettings;
  outage?: OutageSettings;
  /** Rate, delay and loss over time, repeated; its delay and loss come on top of the others. Excludes `rate`. */
  trace?: readonly TraceLine[];
};

/** Both directions of a link: `toTarget` from who connects towards the target, `toFlow` back. */
export type LegSettings = { toTarget: LinkSettings; toFlow: LinkSettings };

/** Throws a `RangeError` that names the first setting out of range. */
export function assertLinkSettings(settings: LinkSettings): void {
  const { loss, jitter, outage, queue } = settings;
  assertRange('delayMs', settings.delayMs, 0, maxDelayMs);
  assertRange('duplicateShare', settings.duplicateShare, 0, 1);
  assertRange('jitter.maxMs', jitter?.maxMs, 0, maxDelayMs);
  assertRange('jitter.holdMs', jitter?.holdMs, 0, maxDelayMs);
  assertRange('loss.share', loss?.share, 0, 1);
  if (loss?.kind === 'bursts') assertBursts(loss.share, loss.meanBurstPackets);
  assertRange('queue', queue && ('ms' in queue ? queue.ms : queue.bytes), 0, Number.MAX_VALUE);
  if (outage) {
    assertRange('outage.periodMs', outage.periodMs, 1, Number.MAX_VALUE);
    assertRange('outage.lengthMs', outage.lengthMs, 0, outage.periodMs);
    assertRange('outage.offsetMs', outage.offsetMs, 0, Number.MAX_VALUE);
  }
  if (settings.rate !== undefined && settings.trace) {
    throw new RangeError('a link has a rate or a trace, not both');
  }
}

/** A minute: longer is a mistake, and packets that wait need memory. */
const maxDelayMs = 60_000;

/** Shorter bursts would have to begin more often than after each packet that passed. */
function assertBursts(share: number, meanBurstPackets: number): void {
  assertRange('loss.share', share, 0, 0.99);
  const shortest = Math.max(1, share / (1 - share));
  assertRange('loss.meanBurstPackets', meanBurstPackets, shortest, Number.MAX_VALUE);
}

/** Throws a `RangeError` unless the value is left out or lies in the range. */
function assertRange(name: string, value: number | undefined, low: number, high: number): void {
  if (value === undefined || (value >= low && value <= high)) return;
  const range = high < Number.MAX_VALUE ? `from ${low} to ${high}` : `at least ${low}`;
  throw new RangeError(`${name} must be ${range}, not ${value}`);
}
