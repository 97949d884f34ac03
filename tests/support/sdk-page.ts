import type { SDKMode } from '@longreach/protocol';
import type { Diagnosis, DiagnosisOptions, PlayerOptions } from '@longreach/sdk';
import type { Browser, Page } from 'playwright-core';
import type { LocalSystem } from '../../scripts/local/local-system.ts';
import { eventually } from './eventually.ts';
import { countPeers, installTaps } from './page-taps.ts';
import type { SdkPageApi } from './sdk-page/sdk-page-api.ts';
import './sdk-page/sdk-page-api.ts';

const operatorId = 'operator-1';

export type SdkPageOptions = {
  player: PlayerOptions;
  /** Default `server`. */
  mode?: SDKMode;
  /** Does something to the page before its scripts run. */
  prepare?: (page: Page) => Promise<unknown>;
};

/** A tab whose page has nothing but the SDK; shows the four cameras of the machine in elements 0 to 3 unless told. */
export class SdkPage {
  readonly page: Page;
  readonly #machineId: string;

  private constructor(page: Page, machineId: string) {
    this.page = page;
    this.#machineId = machineId;
  }

  /** Opens the page in a profile of its own and logs in. */
  static async open(
    browser: Browser,
    system: LocalSystem,
    { player, mode = 'server', prepare }: SdkPageOptions,
  ): Promise<SdkPage> {
    const page = await browser.newPage();
    await installTaps(page);
    await prepare?.(page);
    await page.goto(system.server.url);
    await page.waitForFunction(() => window.sdkPage !== undefined);
    const secret = system.operatorKeys.get(operatorId) as string;
    await page.evaluate((operator) => window.sdkPage.login(operator), {
      ...{ id: operatorId, secret, player, mode },
    });
    return new SdkPage(page, system.machineId);
  }

  /** Connects; `shown`: the streams of the elements 0, 1, …. */
  async connect(shown: number[], slots = shown.length): Promise<void> {
    const given = { machineId: this.#machineId, slots, shown };
    await this.page.evaluate(({ machineId, slots, shown }) => {
      const attached = shown.map((streamId, element) => ({ element, streamId }));
      return window.sdkPage.connect(machineId, slots, attached);
    }, given);
  }

  async attach(element: number, streamId: number): Promise<void> {
    await this.page.evaluate(([element, streamId]) => window.sdkPage.attach(element, streamId), [
      element,
      streamId,
    ] as const);
  }

  async swap(first: number, second: number): Promise<void> {
    await this.page.evaluate(([first, second]) => window.sdkPage.swap(first, second), [
      first,
      second,
    ] as const);
  }

  async detach(element: number): Promise<void> {
    await this.page.evaluate((index) => window.sdkPage.detach(index), element);
  }

  async remove(element: number): Promise<void> {
    await this.page.evaluate((index) => window.sdkPage.remove(index), element);
  }

  look(element: number): Promise<ReturnType<SdkPageApi['look']>> {
    return this.page.evaluate((index) => window.sdkPage.look(index), element);
  }

  told(): Promise<SdkPageApi['told']> {
    return this.page.evaluate(() => window.sdkPage.told);
  }

  stats(): Promise<SdkPageApi['stats']> {
    return this.page.evaluate(() => window.sdkPage.stats);
  }

  async drive(): Promise<void> {
    await this.page.evaluate(() => window.sdkPage.drive());
  }

  diagnose(options: DiagnosisOptions): Promise<Diagnosis> {
    return this.page.evaluate((given) => window.sdkPage.diagnose(given), options);
  }

  /** Peer connections that the page has made so far. */
  peers(): Promise<number> {
    return countPeers(this.page);
  }

  /** Resolves when the element shows a later frame than now, `width` pixels wide when that is given. */
  async untilMoving(element: number, width?: number): Promise<void> {
    const frame = () =>
      eventually(`a whole stamp in element ${element}`, async () => {
        const seen = await this.look(element);
        return (width === undefined || seen.width === width) && seen.frame;
      });
    const first = await frame();
    await eventually(`another frame in element ${element}`, async () => (await frame()) !== first);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
