import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { readStamp, type Stamp, stampGeometryOf } from '../../apps/agent/src/capture/stamp.ts';
import { installTaps } from './page-taps.ts';

/** Generous bound of anything that a page shows, ms. */
const patienceMs = 20_000;
const patient = { timeout: patienceMs, interval: 50 };

/** Rows of luma from the top of a presented picture: where the stamp lies. */
type StampStrip = { streamId: number; width: number; luma: number[] };

/** An operator's browser tab with the cockpit, in a profile of its own. */
export class CockpitPage {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  /** Opens the address with its login code; resolves when the fleet is shown. */
  static async open(browser: Browser, url: string): Promise<CockpitPage> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await installTaps(page);
    await page.goto(url);
    await page.getByTestId('logout').waitFor();
    return new CockpitPage(context, page);
  }

  /** Chooses a machine; resolves when all its pictures are fresh. */
  async openMachine(machineId: string): Promise<void> {
    await this.page.getByTestId(`machine-${machineId}`).click();
    await this.untilFresh();
  }

  /** The element of this `data-testid`. */
  at(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  /** The video elements, the main one first. */
  get videos(): Locator {
    return this.page.locator('longreach-view video');
  }

  /** Resolves when every shown picture is fresh. */
  async untilFresh(): Promise<void> {
    await expect
      .poll(() => this.#pictureStates(), { ...patient, message: 'pictures are fresh' })
      .toEqual(['fresh', 'fresh', 'fresh', 'fresh']);
  }

  /** Asks for control and waits until it is given. */
  async requestControl(): Promise<void> {
    await this.at('request-control').click();
    await this.at('release-control').waitFor();
  }

  async releaseControl(): Promise<void> {
    await this.at('release-control').click();
    await this.at('request-control').waitFor();
  }

  /** Permits motion; resolves when the machine says that it is armed. */
  async rearm(): Promise<void> {
    await this.at('rearm').click();
    await this.untilMode('armed');
  }

  /** Resolves when the page shows this mode of the guard. */
  async untilMode(mode: string): Promise<void> {
    await expect
      .poll(() => this.at('guard-mode').getAttribute('data-mode'), patient)
      .toBe(mode);
  }

  /** Holds the key that drives; `release` ends it. */
  async hold(direction: 'forward' | 'backward'): Promise<() => Promise<void>> {
    const key = direction === 'forward' ? 'KeyW' : 'KeyS';
    await this.page.keyboard.down(key);
    return () => this.page.keyboard.up(key);
  }

  /** In-pixel stamps of the pictures on screen, by streamId; undefined where none can be read. */
  async stamps(): Promise<Map<number, Stamp | undefined>> {
    const strips = await this.videos.evaluateAll(readStrips);
    return new Map(
      strips.map(({ streamId, width, luma }) => [
        streamId,
        width === 0
          ? undefined
          : readStamp((x, y) => luma[y * width + x] ?? 0, stampGeometryOf(width)),
      ]),
    );
  }

  /** Closes the tab and its profile. Idempotent. */
  async close(): Promise<void> {
    await this.#context.close();
  }

  #pictureStates(): Promise<Array<string | null>> {
    return this.videos.evaluateAll((videos) =>
      videos.map((video) => video.getAttribute('data-picture')),
    );
  }
}

/** Runs in the page. */
function readStrips(elements: Array<SVGElement | HTMLElement>): StampStrip[] {
  return (elements as HTMLVideoElement[]).map((video) => {
    const width = video.videoWidth;
    const streamId = Number(video.dataset.streamId);
    if (width === 0) return { streamId, width, luma: [] };
    const height = Math.ceil(width / 80);
    const drawing = new OffscreenCanvas(width, height).getContext('2d');
    drawing?.drawImage(video, 0, 0, width, height, 0, 0, width, height);
    const pixels = drawing?.getImageData(0, 0, width, height).data ?? [];
    const luma = [...pixels].filter((_value, index) => index % 4 === 0);
    return { streamId, width, luma };
  });
}
