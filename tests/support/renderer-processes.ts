import type { Browser } from 'playwright-core';

/** Sends a signal to each process that runs a browser's pages; gives their number. */
export async function signalRenderers(browser: Browser, signal: NodeJS.Signals): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  for (const pid of pids) process.kill(pid, signal);
  await session.detach();
  return pids.length;
}
