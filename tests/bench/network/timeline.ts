import { ascending, quantile } from '../report.ts';
import { operatorSent, type SentAt, uplinkSent } from './leg-traffic.ts';
import type { NetworkRun } from './measure-run.ts';
import { type ShownPicture, shownPictures } from './shown-pictures.ts';
import type { PacketPurpose } from './traffic-record.ts';

const header =
  '   s   fps  latency p50  max, ms   encoded  keys  uplink: media  repair   operator: media  repair, kbit/s';

const gapFromMs = 100;

/** One line for each second of a run and each gap: to see when something happened. */
export function timelineOf(run: NetworkRun): string[] {
  const { startedUs, endedUs } = run.reading;
  const { pictures } = shownPictures(run.reading, run.lastBefore);
  const legs = [uplinkSent(run.transport), operatorSent(run.worker)];
  const lines = [header];
  for (let fromUs = startedUs; fromUs + 1e6 <= endedUs; fromUs += 1e6) {
    const toUs = fromUs + 1e6;
    const isWithin = (us: number) => us >= fromUs && us < toUs;
    const shown = pictures.filter(({ seenMs }) => isWithin(seenMs * 1000));
    const latencies = ascending(shown.map(({ latencyMs }) => latencyMs));
    const encoded = run.encoded.filter(({ captureTimeUs }) => isWithin(captureTimeUs));
    const bits = encoded.reduce((sum, { bytes }) => sum + 8 * bytes, 0);
    const columns = [
      [Math.round((fromUs - startedUs) / 1e6), 4],
      [shown.length, 6],
      [Math.round(quantile(latencies, 0.5)), 13],
      [Math.round(latencies.at(-1) ?? Number.NaN), 9],
      [Math.round(bits / 1000), 10],
      [encoded.filter(({ key }) => key).length, 6],
      ...legs.flatMap((leg) => [
        [kbpsOf(leg, ['media'], fromUs, toUs), 15],
        [kbpsOf(leg, ['repeat', 'parity'], fromUs, toUs), 8],
      ]),
    ] as const;
    lines.push(columns.map(([value, width]) => `${value}`.padStart(width)).join(''));
  }
  return [...lines, ...gapLines(pictures, startedUs)];
}

/** Every gap that counts for lag100, and how old the picture was that ended it. */
function gapLines(pictures: readonly ShownPicture[], startedUs: number): string[] {
  return pictures.flatMap(({ seenMs, latencyMs }, i) => {
    const gapMs = seenMs - (pictures[i - 1]?.seenMs ?? seenMs);
    const atS = (seenMs - startedUs / 1000) / 1000;
    if (gapMs <= gapFromMs) return [];
    return `gap of ${Math.round(gapMs)} ms until ${atS.toFixed(2)} s, then ${Math.round(latencyMs)} ms old`;
  });
}

function kbpsOf(leg: SentAt[], purposes: PacketPurpose[], fromUs: number, toUs: number): number {
  const bytesAt = (atUs: number) => {
    const record = leg.findLast((one) => one.atUs <= atUs);
    return purposes.reduce((sum, purpose) => sum + (record?.sent[purpose].bytes ?? 0), 0);
  };
  return Math.round(((bytesAt(toUs) - bytesAt(fromUs)) * 8e3) / (toUs - fromUs));
}
