import { stampClockOf } from '../../../apps/agent/src/capture/stamp.ts';
import { ascending, quantile, rounded } from '../report.ts';
import type { Run } from './measure-run.ts';
import type { PagePicture } from './page/page-result.ts';
import type { Sighting } from './stamp-reading.ts';
import type { Trace } from './trace-record.ts';

/** The way of a picture, in order; each name is the stage that ends there. */
const stageNames = [
  'draw',
  'encode',
  'to the transport',
  'packets sent',
  'to the worker',
  'forwarded',
  'to the browser',
  'decoded, presented',
  'in the framebuffer',
] as const;
/** Read beside them. */
const extraNames = [
  '(decoder alone)',
  '(time of the announcement, after the framebuffer)',
  '(page told, after the framebuffer)',
] as const;

/** Half and tail of one stage, ms. */
export type StageFigures = { stage: string; p50: number; p95: number };

/** Splits the latency of every picture that was seen everywhere into the stages of its way. */
export function stageFigures(runs: Run[], trace: Trace): StageFigures[] {
  const machineTimes = createMachineTimes(trace);
  const names = [...stageNames, ...extraNames];
  const durations: number[][] = names.map(() => []);
  for (const run of runs) {
    const pictures = new Map(run.page.pictures.map((entry) => [entry.rtpTimestamp, entry]));
    for (const sighting of run.reading.sightings) {
      const passed = machineTimes(sighting.clock);
      const shown = passed && pictures.get(passed.rtpTimestamp);
      if (!shown) continue;
      const figures = durationsOf(passed.times, shown, sighting, run.pageClock.offsetUs);
      figures.forEach((durationMs, i) => {
        durations[i]?.push(durationMs);
      });
    }
  }
  return names.map((stage, i) => figuresOf(stage, durations[i] ?? []));
}

/** Gives, for a picture by its stamp clock, when it passed each point before the browser, µs. */
function createMachineTimes(trace: Trace) {
  const media = new Map(trace.media.map((entry) => [stampClockOf(entry.captureTimeUs), entry]));
  const transport = new Map(trace.transport.map((entry) => [entry.captureTimeUs, entry]));
  const worker = new Map(trace.worker.map((entry) => [entry.rtpTimestamp, entry]));
  return (clock: number) => {
    const encoded = media.get(clock);
    if (!encoded) return undefined;
    const { captureTimeUs, drawnUs, encodedTimeUs } = encoded;
    const rtpTimestamp = rtpTimestampOf(captureTimeUs);
    const sent = transport.get(captureTimeUs);
    const forwarded = worker.get(rtpTimestamp);
    if (!sent || !forwarded) return undefined;
    const before = [captureTimeUs, drawnUs, encodedTimeUs, sent.takenUs, sent.sentUs];
    return { rtpTimestamp, times: [...before, forwarded.lastUs, forwarded.forwardedUs] };
  };
}

function durationsOf(
  machineTimes: number[],
  shown: PagePicture,
  { seenUs }: Sighting,
  pageOffsetUs: number,
): number[] {
  const onMachine = (pageMs: number) => pageMs * 1000 + pageOffsetUs;
  const inBrowser = [onMachine(shown.receivedMs), onMachine(shown.presentedMs), seenUs];
  const times = [...machineTimes, ...inBrowser];
  const stages = times.slice(1).map((timeUs, i) => (timeUs - (times[i] as number)) / 1000);
  const after = (pageMs: number) => (onMachine(pageMs) - seenUs) / 1000;
  return [...stages, shown.decodeMs, after(shown.announcedMs), after(shown.calledMs)];
}

/** ARCHITECTURE.md: video RTP timestamps are the capture time at 90 kHz. */
function rtpTimestampOf(captureTimeUs: number): number {
  return Math.floor(captureTimeUs * 0.09) % 2 ** 32;
}

function figuresOf(stage: string, durationsMs: number[]): StageFigures {
  const sorted = ascending(durationsMs);
  return { stage, p50: rounded(quantile(sorted, 0.5)), p95: rounded(quantile(sorted, 0.95)) };
}
