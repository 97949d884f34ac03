import { type PictureState, pictureAge } from '@longreach/sdk';

/** What the client last said of a stream's picture. */
export type PictureReport = {
  state: PictureState;
  /** Age when it was said, ms. */
  ageMs: number;
  /** When it was said, ms (performance clock). */
  atMs: number;
};

/** What a view shows over its picture. */
export type PictureNotice = {
  state: PictureState;
  /** Empty when the picture is fresh. */
  title: string;
  detail: string;
};

/**
 * What to show over a picture at `nowMs`. An old picture keeps ageing between two reports, and becomes stale by
 * itself: the display never looks better than the truth.
 */
export function pictureNotice(report: PictureReport | undefined, nowMs: number): PictureNotice {
  if (report === undefined || report.state === 'none') {
    return { state: 'none', title: 'NO PICTURE', detail: '' };
  }
  if (report.state === 'fresh') return { state: 'fresh', title: '', detail: '' };
  const ageMs = report.ageMs + Math.max(0, nowMs - report.atMs);
  const isStale = report.state === 'stale' || ageMs > pictureAge.staleMs;
  return {
    state: isStale ? 'stale' : 'old',
    title: `OLD PICTURE ${ageText(ageMs)}`,
    detail: isStale ? 'NO COMMANDS LEAVE' : '',
  };
}

function ageText(ageMs: number): string {
  // Tens of ms: a last digit that changes ten times a second says nothing.
  if (ageMs < 1000) return `${Math.floor(ageMs / 10) * 10} ms`;
  return ageMs < 99_950 ? `${(ageMs / 1000).toFixed(1)} s` : 'over 99 s';
}
