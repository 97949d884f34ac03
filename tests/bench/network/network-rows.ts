import type { FigureRow } from '../report.ts';
import type { NetworkFigures } from './network-figures.ts';
import type { Reach } from './scenarios.ts';

/** Lines of the table for one scenario; undefined figures: no run of it came to its end. */
export function networkRows(
  name: string,
  figures: NetworkFigures | undefined,
  reach?: Reach,
): FigureRow[] {
  if (!figures) return [{ figure: name, seen: 'no run came to its end' }];
  const rows: FigureRow[] = [];
  const add = (figure: string, seen: string, limit?: string) =>
    rows.push({ figure: `  ${figure}`, seen, ...(limit === undefined ? {} : { reach: limit }) });
  const most = (limit: number | undefined) => (limit === undefined ? undefined : `<= ${limit}`);
  const { uplink, operator, recoveryMs, rateMs, buffer } = figures;
  rows.push({ figure: name, seen: `${figures.seconds} s, CPU ${figures.cpuPct} %` });
  add('lag150, lag100, %', `${figures.lag150}, ${figures.lag100}`, most(reach?.lag150));
  add('gaps an hour over 150, 100 ms', `${figures.gapsPerHour}, ${figures.gaps100PerHour}`);
  add(
    'latency p50, p95, ms',
    `${figures.latencyP50}, ${figures.latencyP95}`,
    most(reach?.latencyP95),
  );
  add(
    '  peak; worst gap, ms',
    `${figures.latencyPeak}; ${figures.worstGapMs}`,
    most(reach?.latencyPeak),
  );
  add('fps', `${figures.fps}`, reach && `>= ${reach.fps}`);
  add(
    'PSNR, worst 5 %, dB',
    `${figures.psnrDb}, ${figures.psnrWorst5Pct}`,
    reach && `>= ${reach.psnrDb}`,
  );
  add('bitrate, kbit/s; key frames', `${figures.bitrateKbps}; ${figures.keyFrames}`);
  add(
    'overhead uplink, operator, %',
    `${uplink.overheadPct}, ${operator.overheadPct}`,
    most(reach?.overheadPct),
  );
  add('  dropped uplink, operator, %', `${uplink.droppedPct}, ${operator.droppedPct}`);
  add('packets that went around', `${figures.bypassed}`, reach && '0');
  if (figures.calmSeeds.length > 0) {
    add('connected only while calm, seeds', figures.calmSeeds.join(' '));
  }
  if (figures.lostConnections.length > 0) {
    add('runs whose connection was lost', `${figures.lostConnections.length}`, '0');
  }
  if (recoveryMs) {
    add(
      'moving after outage, median, worst, ms',
      `${recoveryMs.median}, ${recoveryMs.worst}`,
      most(reach?.recoveryMs),
    );
  }
  if (rateMs)
    add('new rate used, down, up, ms', `${rateMs.down}, ${rateMs.up}`, most(reach?.rateMs));
  if (buffer) {
    add('buffer short again after, ms', `${buffer.downMs ?? 'unknown'}`, most(reach?.bufferMs));
    add('  latency then, ms', `${buffer.latencyAtEndMs}`);
  }
  return rows;
}
