import { type PictureState, pictureAge } from '../api.ts';

/** How old the newest presented picture is now, by how old it was when it appeared. Pure. */
export function pictureAgeMs(
  newest: { presentedMs: number; ageWhenPresentedMs: number } | undefined,
  nowMs: number,
): number {
  if (!newest) return Number.POSITIVE_INFINITY;
  // A clock error must never make a picture younger than the time it has been on screen.
  return Math.max(0, newest.ageWhenPresentedMs) + Math.max(0, nowMs - newest.presentedMs);
}

/** State of a picture of that age. Exactly a threshold still belongs to the better state. */
export function pictureStateOf(ageMs: number): PictureState {
  if (ageMs === Number.POSITIVE_INFINITY) return 'none';
  if (ageMs > pictureAge.staleMs) return 'stale';
  return ageMs > pictureAge.oldMs ? 'old' : 'fresh';
}
