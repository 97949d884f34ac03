import type { Page } from 'playwright-core';

/** The page clock's place on this computer's clock: µs = page ms × 1000 + `offsetUs`. */
export type PageClockOffset = { offsetUs: number; uncertaintyUs: number };

const exchanges = 100;

/** Each exchange bounds the offset from both sides; together they leave little room. */
export async function readPageClock(page: Page): Promise<PageClockOffset> {
  let leastUs = -Infinity;
  let mostUs = Infinity;
  for (let i = 0; i < exchanges; i++) {
    const beforeUs = nowUs();
    const pageUs = (await page.evaluate(() => performance.now())) * 1000;
    leastUs = Math.max(leastUs, beforeUs - pageUs);
    mostUs = Math.min(mostUs, nowUs() - pageUs);
  }
  return { offsetUs: (leastUs + mostUs) / 2, uncertaintyUs: (mostUs - leastUs) / 2 };
}

function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + nanoseconds / 1000;
}
