import { every, type PageClock } from './page/page-clock.ts';

/** A picture must be marked at most this late after it became too old, ms. */
const checkMs = 40;

/** Calls `check` with every animation frame and, when frames stall, by a timer; gives what stops it. */
export function runPictureLoop(clock: PageClock, check: () => void): () => void {
  let frame = 0;
  const onFrame = () => {
    check();
    frame = requestAnimationFrame(onFrame);
  };
  frame = requestAnimationFrame(onFrame);
  const stopTimer = every(clock, checkMs, check);
  return () => {
    cancelAnimationFrame(frame);
    stopTimer();
  };
}
