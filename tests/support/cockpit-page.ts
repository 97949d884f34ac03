import type { Browser, Locator, Page } from 'playwright-core';
import { readStamp, type Stamp, stampGeometryOf } from '../../apps/agent/src/capture/stamp.ts';
import { eventually } from './eventually.ts';
import { installTaps } from './page-taps.ts';
import type { VehicleObserver } from './vehicle-observer.ts';

/** Generous bound of anything that a page shows, ms. */
const patienceMs = 20_000;
/** Whatever does not succeed within this is tried anew, ms. */
const tryMs = 4_000;

/** Which way the machine shall go. */
export type Direction = 'forward' | 'backward';

/** The top rows of a presented picture, where the stamp lies. */
type StampStrip = { streamId: number; width: number; luma: number[] };

const driveKeys = { forward: 'KeyW', backward: 'KeyS' } as const;

/** An operator's browser tab with the cockpit. */
export class CockpitPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Opens the address with its login code in a profile of its own; resolves when the fleet is shown. */
  static async open(browser: Browser, url: string): Promise<CockpitPage> {
    const viewport = { width: 1400, height: 900 };
    const context = await browser.newContext({ viewport, permissions: ['microphone'] });
    return CockpitPage.openIn(await context.newPage(), url);
  }

  /** The same in a tab that is there already. */
  static async openIn(page: Page, url: string): Promise<CockpitPage> {
    page.setDefaultTimeout(patienceMs);
    await installTaps(page);
    await page.goto(url);
    await page.getByTestId('logout').waitFor();
    return new CockpitPage(page);
  }

  /** Chooses a machine; resolves when all its pictures are fresh. */
  async openMachine(machineId: string): Promise<void> {
    await this.at(`machine-${machineId}`).click();
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

  /** Resolves when all four pictures are fresh. */
  async untilFresh(): Promise<void> {
    await eventually('four fresh pictures', async () => {
      const states = await this.videos.evaluateAll((videos) =>
        videos.map((video) => video.getAttribute('data-picture')),
      );
      return states.length === 4 && states.every((state) => state === 'fresh');
    });
  }

  /** Asks for control and waits until it is given. */
  async requestControl(): Promise<void> {
    await this.at('request-control').click();
    await this.at('release-control').waitFor();
  }

  /** Gives control back. */
  async releaseControl(): Promise<void> {
    await this.at('release-control').click();
    await this.at('request-control').waitFor();
  }

  /** Permits motion; resolves when the machine says that it is armed (or was already). */
  async rearm(timeoutMs = patienceMs): Promise<void> {
    const look = async () => {
      if ((await this.mode()) === 'armed') return true;
      const button = this.at('rearm');
      if (await button.isEnabled()) await button.click({ timeout: tryMs });
      return false;
    };
    await eventually('an armed machine', look, { timeoutMs });
  }

  /** Mode of the guard as the page shows it; empty without a fresh report. */
  async mode(): Promise<string | null> {
    return this.at('guard-mode').getAttribute('data-mode');
  }

  /** Resolves when the page shows this mode of the guard. */
  async untilMode(mode: string): Promise<void> {
    await eventually(`guard mode ${mode}`, async () => (await this.mode()) === mode);
  }

  /**
   * Does what an operator does until the machine rolls: asks for control unless he has it, re-arms, holds the key
   * (and goes on holding it). A machine that does not move is tried again: on a busy computer it stops by itself.
   */
  async drive(direction: Direction, vehicle: VehicleObserver): Promise<void> {
    await eventually(
      `driving ${direction}`,
      async () => {
        await this.letGo();
        const request = this.at('request-control');
        if (await request.isVisible()) await request.click({ timeout: tryMs });
        await this.at('release-control').waitFor({ timeout: tryMs });
        await this.rearm(tryMs);
        await this.page.keyboard.down(driveKeys[direction]);
        await vehicle.untilDriving(tryMs);
        return true;
      },
      { timeoutMs: 2 * patienceMs },
    );
  }

  /** Drives until `look` finds what it looks for; a machine that stopped by itself meanwhile is driven again. */
  async driveUntil(
    direction: Direction,
    vehicle: VehicleObserver,
    what: string,
    look: () => boolean | Promise<boolean>,
  ): Promise<void> {
    await eventually(
      what,
      async () => {
        if (vehicle.state.mode === 'standstill') await this.drive(direction, vehicle);
        return look();
      },
      { timeoutMs: 3 * patienceMs },
    );
  }

  /** Lets go of every driving key. */
  async letGo(): Promise<void> {
    for (const key of Object.values(driveKeys)) await this.page.keyboard.up(key);
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

  /** The main picture, 64 x 36 points of luma. */
  async thumbnail(): Promise<number[]> {
    return this.at('main-video').evaluate((video) => {
      const drawing = new OffscreenCanvas(64, 36).getContext('2d');
      drawing?.drawImage(video as HTMLVideoElement, 0, 0, 64, 36);
      const pixels = drawing?.getImageData(0, 0, 64, 36).data ?? [];
      return [...pixels].filter((_value, index) => index % 4 === 1);
    });
  }

  /** Closes the tab and its profile. Idempotent. */
  async close(): Promise<void> {
    await this.page.context().close();
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
    const luma = [...pixels].filter((_value, index) => index % 4 === 1);
    return { streamId, width, luma };
  });
}
