import { runPictureLoop } from '../picture-loop.ts';
import type { PageClock } from './page-clock.ts';
import { type PageLifecycleHandlers, watchPageLifecycle } from './page-lifecycle.ts';

/** What a client does as its page lives. */
export type PageHandlers = PageLifecycleHandlers & {
  /** Many times a second, also while no frame is drawn. */
  checkPictures(): void;
};

/** Follows the page; gives what stops following. */
export function followPage(clock: PageClock, handlers: PageHandlers): () => void {
  const stopLifecycle = watchPageLifecycle(handlers);
  const stopPictures = runPictureLoop(clock, () => handlers.checkPictures());
  return () => {
    stopLifecycle();
    stopPictures();
  };
}
