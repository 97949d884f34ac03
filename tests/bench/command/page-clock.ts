import type { Page } from 'playwright-core';
import { machineClock } from '../../../apps/agent/src/local/machine-clock.ts';
import { ascending, median } from '../report.ts';
import '../page/bench-page.ts';

/** Machine clock minus page clock (`performance.timeOrigin + performance.now()`), with what it may be off. */
export type PageClockOffset = { offsetMs: number; uncertaintyMs: number };

const edges = 60;
const roundTrips = 300;
/** Chromium rounds the page's clock to this, ms. */
const pageResolutionMs = 0.1;

/**
 * Relates the page's clock to the machine's, on one host. Both sides read `Date`, which is one clock, at the edge of
 * a millisecond. The exchange of requests gives bounds that hold whatever `Date` does: the estimate must lie inside.
 */
export async function measurePageClock(page: Page): Promise<PageClockOffset> {
  const nodeLeads = Array.from({ length: edges }, machineLeadMs);
  const moments = await page.evaluate((count) => window.benchPage.readMoments(count), edges);
  const pageLeads = moments.map(({ dateMs, performanceMs }) => performanceMs - dateMs);
  // An edge is noticed late, never early: the least late half says most.
  const machineLead = earliestHalf(nodeLeads);
  const pageLead = earliestHalf(pageLeads);
  const offsetMs = machineLead.middle - pageLead.middle;
  const uncertaintyMs = machineLead.spread + pageLead.spread + pageResolutionMs;
  const bounds = await exchangeBounds(page);
  if (offsetMs < bounds.least - uncertaintyMs || offsetMs > bounds.most + uncertaintyMs) {
    throw new Error(
      `the clocks disagree: ${offsetMs} ms is not within ${bounds.least} to ${bounds.most} ms`,
    );
  }
  return { offsetMs, uncertaintyMs };
}

/** Machine clock minus `Date` at its next edge, ms. */
function machineLeadMs(): number {
  const beforeMs = Date.now();
  let dateMs = beforeMs;
  while (dateMs === beforeMs) dateMs = Date.now();
  return machineClock.nowUs() / 1000 - dateMs;
}

function earliestHalf(leads: number[]): { middle: number; spread: number } {
  const least = ascending(leads).slice(0, Math.ceil(leads.length / 2));
  const middle = median(least);
  return {
    middle,
    spread: Math.max(middle - (least[0] ?? middle), (least.at(-1) ?? middle) - middle),
  };
}

/** The page's answer was made between request and arrival: each exchange bounds the offset from both sides. */
async function exchangeBounds(page: Page): Promise<{ least: number; most: number }> {
  let least = Number.NEGATIVE_INFINITY;
  let most = Number.POSITIVE_INFINITY;
  for (let i = 0; i < roundTrips; i++) {
    const beforeMs = machineClock.nowUs() / 1000;
    const pageMs = await page.evaluate(() => window.benchPage.nowMs());
    const afterMs = machineClock.nowUs() / 1000;
    least = Math.max(least, beforeMs - pageMs);
    most = Math.min(most, afterMs - pageMs);
  }
  return { least, most };
}
