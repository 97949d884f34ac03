import type { Browser } from 'playwright-core';
import { buildCockpit } from '../../apps/cockpit/build.ts';
import {
  type LocalSystem,
  type LocalSystemOptions,
  startLocalSystem,
} from '../../scripts/local/local-system.ts';
import { launchChromium } from './browser.ts';
import { CockpitPage } from './cockpit-page.ts';
import { VehicleObserver } from './vehicle-observer.ts';

/** A whole system with a browser, as most end-to-end tests want it. */
export type TestBed = {
  readonly system: LocalSystem;
  readonly browser: Browser;
  readonly vehicle: VehicleObserver;
  /** A new tab, logged in as this operator (default `operator-1`). */
  openCockpit(operatorId?: string): Promise<CockpitPage>;
  /** The same, with the machine open and its pictures fresh. */
  openMachine(operatorId?: string): Promise<CockpitPage>;
  close(): Promise<void>;
};

/** Builds the cockpit, starts server, machine and browser. */
export async function startTestBed(options: LocalSystemOptions = {}): Promise<TestBed> {
  const cockpitDir = await buildCockpit();
  const started = await Promise.allSettled([
    startLocalSystem({ ...options, cockpitDir }),
    launchChromium(),
  ]);
  const [system, browser] = started;
  if (system.status === 'rejected' || browser.status === 'rejected') {
    if (system.status === 'fulfilled') await system.value.close();
    if (browser.status === 'fulfilled') await browser.value.close();
    throw started.find((one) => one.status === 'rejected')?.reason;
  }
  return createTestBed(system.value, browser.value);
}

async function createTestBed(system: LocalSystem, browser: Browser): Promise<TestBed> {
  const vehicle = await VehicleObserver.connect(system.agent.runtimeDir);
  const openCockpit = async (operatorId?: string) =>
    CockpitPage.open(browser, await system.loginUrl(operatorId));
  return {
    system,
    browser,
    vehicle,
    openCockpit,
    openMachine: async (operatorId) => {
      const cockpit = await openCockpit(operatorId);
      await cockpit.openMachine(system.machineId);
      return cockpit;
    },
    close: async () => {
      vehicle.close();
      await browser.close();
      await system.close();
    },
  };
}
