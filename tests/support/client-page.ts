import type { ClientEvents, ClientOptions, MediaObserver } from '@longreach/sdk';
import type { Browser, Page } from 'playwright-core';
import type { CalledMethod } from './client-page/client-page-api.ts';
import { eventually } from './eventually.ts';
import './client-page/client-page-api.ts';

type Observed = { [Name in keyof MediaObserver]-?: Parameters<NonNullable<MediaObserver[Name]>> };

/** A tab with a bare client that notes everything it is told. */
export class ClientPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Opens the page in a profile of its own and makes a client; `prepare` runs before the page's scripts. */
  static async open(
    browser: Browser,
    url: string,
    options: Partial<ClientOptions> = {},
    prepare: (page: Page) => Promise<unknown> = async () => {},
  ): Promise<ClientPage> {
    const context = await browser.newContext({ permissions: ['microphone'] });
    const page = await context.newPage();
    await prepare(page);
    await page.goto(url);
    await page.waitForFunction(() => window.clientPage !== undefined);
    await page.evaluate((given) => window.clientPage.create(given), options);
    return new ClientPage(page);
  }

  /** Calls a method of the client; rejects with `code message` of its error. */
  call(method: CalledMethod, ...args: unknown[]): Promise<unknown> {
    return this.page.evaluate(({ method, args }) => window.clientPage.call(method, ...args), {
      method,
      args,
    });
  }

  async attach(deviceId: string, streamId: number, element: number): Promise<void> {
    await this.page.evaluate(
      ({ deviceId, streamId, element }) => window.clientPage.attach(deviceId, streamId, element),
      { deviceId, streamId, element },
    );
  }

  /** Arguments of every call of one callback so far. */
  observed<Name extends keyof Observed>(name: Name): Promise<Array<Observed[Name]>> {
    return this.page.evaluate((name) => window.clientPage.observed[name], name) as Promise<
      Array<Observed[Name]>
    >;
  }

  /** Payloads of one event so far. */
  events<Name extends keyof ClientEvents>(name: Name): Promise<Array<ClientEvents[Name]>> {
    return this.page.evaluate((name) => window.clientPage.events[name], name) as Promise<
      Array<ClientEvents[Name]>
    >;
  }

  /** Resolves with the first payload of an event that matches, past ones included. */
  untilEvent<Name extends keyof ClientEvents>(
    name: Name,
    matches: (payload: ClientEvents[Name]) => boolean,
  ): Promise<ClientEvents[Name]> {
    return eventually(`the event ${name}`, async () => {
      const [found] = (await this.events(name)).filter(matches);
      return found && [found];
    }).then(([found]) => found as ClientEvents[Name]);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
