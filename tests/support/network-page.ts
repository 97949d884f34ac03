import type { Browser, Page } from 'playwright-core';
import { readStamp, stampGeometryOf } from '../../apps/agent/src/capture/stamp.ts';
import type { PageResult } from '../bench/network/page/page-result.ts';
import { eventually } from './eventually.ts';

/** A tab that shows the machine's front camera. */
export class NetworkPage {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Opens the address in a profile of its own. */
  static async open(browser: Browser, url: string): Promise<NetworkPage> {
    // A guest's signaling goes through a path on a port of its own, which the server's policy for pages refuses.
    const viewport = { width: 1280, height: 720 };
    const context = await browser.newContext({ viewport, bypassCSP: true });
    const page = await context.newPage();
    await page.goto(url);
    return new NetworkPage(page);
  }

  /** Counter in the picture that shows now; undefined where none can be read. */
  async frame(): Promise<number | undefined> {
    const { width, luma } = await this.#page.locator('video').evaluate(readStrip);
    if (width === 0) return undefined;
    return readStamp((x, y) => luma[y * width + x] ?? 0, stampGeometryOf(width))?.frame;
  }

  /** Resolves with the counter once `count` further pictures were taken and one of them or a later one shows. */
  async untilFurther(count: number): Promise<number> {
    const first = await eventually('a picture', () => this.frame());
    return eventually(`${count} further pictures`, async () => {
      const now = await this.frame();
      return now !== undefined && now >= first + count && now;
    });
  }

  /** Width of the pictures as they were sent. */
  async width(): Promise<number> {
    return this.#page.locator('video').evaluate((video) => (video as HTMLVideoElement).videoWidth);
  }

  /** What the page can tell. */
  result(): Promise<PageResult> {
    return this.#page.evaluate(() => window.takeNetworkResult());
  }

  /** Closes the tab and its profile. Idempotent. */
  async close(): Promise<void> {
    await this.#page.context().close();
  }
}

/** Runs in the page. */
function readStrip(element: SVGElement | HTMLElement): { width: number; luma: number[] } {
  const video = element as HTMLVideoElement;
  const width = video.videoWidth;
  if (width === 0) return { width, luma: [] };
  const height = Math.ceil(width / 80);
  const drawing = new OffscreenCanvas(width, height).getContext('2d');
  drawing?.drawImage(video, 0, 0, width, height, 0, 0, width, height);
  const pixels = drawing?.getImageData(0, 0, width, height).data ?? [];
  return { width, luma: [...pixels].filter((_value, index) => index % 4 === 1) };
}
