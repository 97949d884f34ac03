import { stampClockOf } from '../../../apps/agent/src/capture/stamp.ts';
import { ascending, quantile, rounded } from '../report.ts';
import type { Run } from './measure-run.ts';
import type { PagePicture } from './page/page-result.ts';
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

/** Half and tail of one stage, ms. */
export type StageFigures = { stage: string; p50: number; p95: number };

/** Splits the latency of every picture that was seen everywhere into the stages of its way. */
export function stageFigures(runs: Run[], trace: Trace): StageFigures[] {
  const media = new Map(trace.media.map((entry) => [stampClockOf(entry.captureTimeUs), entry]));
  const transport = new Map(trace.transport.map((entry) => [entry.captureTimeUs, entry]));
  const worker = new Map(trace.worker.map((entry) => [entry.rtpTimestamp, entry]));
  const durations: number[][] = stageNames.map(() => []);
  const extra = { decode: [] as number[], announced: [] as number[] };
  for (const run of runs) {
    const pictures = new Map(run.page.pictures.map((entry) => [entry.rtpTimestamp, entry]));
    for (const { clock, seenUs } of run.reading.sightings) {
      const encoded = media.get(clock);
      const rtpTimestamp = encoded && rtpTimestampOf(encoded.captureTimeUs);
      const sent = encoded && transport.get(encoded.captureTimeUs);
      const forwarded = worker.get(rtpTimestamp ?? -1);
      const shown = pictures.get(rtpTimestamp ?? -1);
      if (!encoded || !sent || !forwarded || !shown) continue;
      const onMachine = (pageMs: number) => pageMs * 1000 + run.pageClock.offsetUs;
      const times = [
        encoded.captureTimeUs,
        encoded.drawnUs,
        encoded.encodedTimeUs,
        sent.takenUs,
        sent.sentUs,
        forwarded.lastUs,
        forwarded.forwardedUs,
        onMachine(shown.receivedMs),
        onMachine(shown.presentedMs),
        seenUs,
      ];
      for (let i = 0; i < durations.length; i++) {
        durations[i]?.push(((times[i + 1] as number) - (times[i] as number)) / 1000);
      }
      extra.decode.push(shown.decodeMs);
      extra.announced.push((onMachine(announcedMs(shown)) - seenUs) / 1000);
    }
  }
  return [
    ...stageNames.map((stage, i) => figuresOf(stage, durations[i] ?? [])),
    figuresOf('(decoder alone)', extra.decode),
    figuresOf('(announced to the page, after the framebuffer)', extra.announced),
  ];
}

function announcedMs(picture: PagePicture): number {
  return picture.announcedMs;
}

/** ARCHITECTURE.md: video RTP timestamps are the capture time at 90 kHz. */
function rtpTimestampOf(captureTimeUs: number): number {
  return Math.floor(captureTimeUs * 0.09) % 2 ** 32;
}

function figuresOf(stage: string, durationsMs: number[]): StageFigures {
  const sorted = ascending(durationsMs);
  return { stage, p50: rounded(quantile(sorted, 0.5)), p95: rounded(quantile(sorted, 0.95)) };
}
