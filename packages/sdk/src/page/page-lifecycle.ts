/** What the page tells its sessions. */
export type PageLifecycleHandlers = {
  /** The page is seen again, thawed, or the network is back: check everything now. */
  onWake(): void;
  /** The page is hidden, frozen or left: nobody looks at the pictures any more. */
  onHide(): void;
};

/** Follows visibility, freezing and network of the page; gives what stops following. */
export function watchPageLifecycle(handlers: PageLifecycleHandlers): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const wake = () => handlers.onWake();
  const hide = () => handlers.onHide();
  document.addEventListener('visibilitychange', () => (document.hidden ? hide() : wake()), {
    signal,
  });
  document.addEventListener('freeze', hide, { signal });
  document.addEventListener('resume', wake, { signal });
  window.addEventListener('pagehide', hide, { signal });
  window.addEventListener('pageshow', wake, { signal });
  window.addEventListener('online', wake, { signal });
  return () => abort.abort();
}
