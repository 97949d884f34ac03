import type { Diagnosis } from '@longreach/sdk';

type Finding = Diagnosis['verdict']['findings'][number];
type Evidence = Finding['evidence'][number];

const stageNames: Readonly<Record<Diagnosis['verdict']['stage'], string>> = {
  healthy: 'Nothing is wrong',
  camera: 'Camera',
  encoder: 'Encoder',
  uplink: "Machine's network",
  server: 'Server',
  downlink: "Operator's network",
  jitterBuffer: 'Jitter buffer',
  decoder: 'Decoder',
  rendering: 'Page',
  clock: 'Clock',
  permission: 'Permission',
  controlPath: 'Way of commands',
};

/** The stage in the operator's words. */
export function stageName(stage: Diagnosis['verdict']['stage']): string {
  return stageNames[stage];
}

/** One figure with its unit and the limit that it crossed. */
export function evidenceText({ figure, value, unit, limit }: Evidence): string {
  const bound = limit === undefined ? '' : ` (limit ${rounded(limit)} ${unit})`;
  return `${figure}: ${rounded(value)} ${unit}${bound}`;
}

/** Name of the file that a report is saved to, without its ending. */
export function reportFileName({ device_id, verdict }: Diagnosis, at: Date): string {
  const time = at.toISOString().slice(0, 19).replaceAll(':', '-');
  const device = device_id.replace(/[^A-Za-z0-9._-]/g, '_');
  return `diagnosis-${device}-${verdict.stage}-${time}`;
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
