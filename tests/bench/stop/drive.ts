import type { Page } from 'playwright-core';
import { machineClock } from '../../../apps/agent/src/local/machine-clock.ts';
import type { ActuatorMode, VehicleState } from '../../../apps/agent/src/local/vehicle-state.ts';
import type { VehicleObserver } from '../../support/vehicle-observer.ts';
import { type BenchSystem, operatorId } from '../page/bench-system.ts';
import type { CuttablePaths, Fault } from './faults.ts';

const driveTimeoutMs = 40_000;
/** The operator is told again to arm when the machine does not drive, ms. */
const armPeriodMs = 2000;
const stopTimeoutMs = 5000;

/** An operator's tab and the machine that it drives, with faults in between. */
export class Drive {
  readonly #system: BenchSystem;
  readonly #paths: CuttablePaths;
  readonly #vehicle: VehicleObserver;
  #page: Page | undefined;

  constructor(system: BenchSystem, paths: CuttablePaths, vehicle: VehicleObserver) {
    this.#system = system;
    this.#paths = paths;
    this.#vehicle = vehicle;
  }

  /** Opens the operator's tab in place of an older one. */
  async open(): Promise<void> {
    await this.#page?.close().catch(() => {});
    const { openPage, secret, machineId } = this.#system;
    this.#page = await openPage();
    const login = { machineId, secret, deviceId: operatorId, port: this.#paths.browser.port };
    await this.#page.evaluate(async ({ machineId, port, ...credentials }) => {
      window.benchPage.setMediaPort(port);
      await window.benchPage.login(credentials.deviceId, credentials.secret);
      window.benchPage.keepUp(machineId, credentials);
    }, login);
  }

  /** Arms the machine and waits until it drives steadily for `ms`; gives how long that took until it moved. */
  async untilDriving(ms: number): Promise<number> {
    const startedMs = performance.now();
    let movedMs = 0;
    while (performance.now() - startedMs < driveTimeoutMs) {
      await this.#page?.evaluate(() => window.benchPage.arm());
      const moving = await this.#enters('drive', armPeriodMs);
      if (!moving) continue;
      movedMs ||= performance.now() - startedMs;
      if (!(await this.#leavesDriving(ms))) return movedMs;
    }
    throw new Error(await this.#describe());
  }

  /** Strikes; gives the time to the standstill order, ms; `stopTimeoutMs` when there was none by then. */
  async strike(fault: Fault): Promise<number> {
    const act = await fault.prepare();
    const stopped = this.#enters('standstill', stopTimeoutMs);
    const struckUs = machineClock.nowUs();
    act();
    const state = await stopped;
    return state ? (state.modeSinceUs - struckUs) / 1000 : stopTimeoutMs;
  }

  /** The first state in that mode, or undefined when there is none in time. */
  #enters(mode: ActuatorMode, timeoutMs: number): Promise<VehicleState | undefined> {
    return this.#vehicle
      .until(mode, (state) => state.mode === mode, timeoutMs)
      .catch(() => undefined);
  }

  #leavesDriving(timeoutMs: number): Promise<VehicleState | undefined> {
    return this.#vehicle
      .until('a stop', ({ mode }) => mode !== 'drive', timeoutMs)
      .catch(() => undefined);
  }

  async #describe(): Promise<string> {
    const told = await this.#page?.evaluate(() => window.benchPage.describe()).catch(String);
    return `the machine does not drive again: ${told}, vehicle ${this.#vehicle.state.mode}`;
  }
}
