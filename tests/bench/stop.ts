/**
 * Faults while driving: fault → the actuator is ordered to stand still. Each in turn, the machine driving again by
 * itself in between but for the operator's re-arm. Options: --json, --rounds N (faults, default 30),
 * --guard-rounds N (deaths of the guard, reported apart, default 3).
 */
import { loadavg } from 'node:os';
import { createRelay } from '@longreach/netem';
import type { Page } from 'playwright-core';
import { machineClock } from '../../apps/agent/src/local/machine-clock.ts';
import { freeUdpPort } from '../../scripts/local/local-system.ts';
import { type BenchSystem, operatorId, startBenchSystem } from './page/bench-system.ts';
import { median, numberOption, printReport, rounded } from './report.ts';
import { type CuttablePaths, createFaults, type Fault, guardFault } from './stop/faults.ts';
import { VehicleObserver } from './stop/vehicle-observer.ts';

const rounds = numberOption('rounds', 30);
const guardRounds = numberOption('guard-rounds', 3);
/** Driving without a break before a fault strikes, ms; a little more each time, so that phases differ. */
const steadyMs = 1000;
const phaseStepMs = 37;
const driveTimeoutMs = 40_000;
/** The operator is told again to arm when the machine does not drive, ms. */
const armPeriodMs = 2000;
const stopTimeoutMs = 5000;

type Stop = { fault: string; stopMs: number; recoveredMs: number };

class Drive {
  readonly #system: BenchSystem;
  readonly #paths: CuttablePaths;
  readonly #vehicle: VehicleObserver;
  #page: Page | undefined;

  constructor(system: BenchSystem, paths: CuttablePaths) {
    this.#system = system;
    this.#paths = paths;
    this.#vehicle = new VehicleObserver(system.agent.runtimeDir);
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
      const moving = await this.#vehicle.until(({ mode }) => mode === 'drive', armPeriodMs);
      if (!moving) continue;
      movedMs ||= performance.now() - startedMs;
      if (!(await this.#vehicle.until(({ mode }) => mode !== 'drive', ms))) return movedMs;
    }
    throw new Error(await this.#describe());
  }

  /** Strikes; gives the time to the standstill order, ms, Infinity when there was none. */
  async strike(fault: Fault): Promise<number> {
    const act = await fault.prepare();
    const stopped = this.#vehicle.until(({ mode }) => mode === 'standstill', stopTimeoutMs);
    const struckUs = machineClock.nowUs();
    act();
    const state = await stopped;
    return state ? (state.modeSinceUs - struckUs) / 1000 : Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.#vehicle.close();
  }

  async #describe(): Promise<string> {
    const told = await this.#page?.evaluate(() => window.benchPage.describe()).catch(String);
    return `the machine does not drive again: ${told}, vehicle ${this.#vehicle.newest?.mode}`;
  }
}

async function runFaults(drive: Drive, faults: Fault[], count: number): Promise<Stop[]> {
  const stops: Stop[] = [];
  for (let round = 0; round < count; round++) {
    const fault = faults[round % faults.length] as Fault;
    await drive.untilDriving(steadyMs + ((round * phaseStepMs) % 200));
    const stopMs = await drive.strike(fault);
    await fault.heal?.();
    const recoveredMs = await drive.untilDriving(0);
    stops.push({ fault: fault.name, stopMs, recoveredMs });
    console.log(
      `${fault.name}: standstill after ${rounded(stopMs, 1)} ms, drives again after ${rounded(recoveredMs, 0)} ms`,
    );
  }
  return stops;
}

async function run(): Promise<{ stops: Stop[]; guardStops: Stop[] }> {
  const mediaPort = await freeUdpPort();
  const to = { address: '127.0.0.1', port: mediaPort };
  const paths = { browser: await createRelay({ to }), machine: await createRelay({ to }) };
  let system: BenchSystem | undefined;
  let drive: Drive | undefined;
  try {
    // The machine takes the announced path; the page replaces it by its own.
    const announcedAddresses = [`127.0.0.1:${paths.machine.port}`];
    system = await startBenchSystem({ mediaPort, announcedAddresses });
    const present = new Drive(system, paths);
    drive = present;
    await present.open();
    const faults = createFaults(system, paths, () => present.open());
    const stops = await runFaults(present, faults, rounds);
    const guardStops = await runFaults(present, [guardFault(system)], guardRounds);
    return { stops, guardStops };
  } finally {
    drive?.close();
    await system?.close();
    await Promise.all([paths.browser.close(), paths.machine.close()]);
  }
}

function figuresOf(stops: Stop[]): {
  p50: number;
  max: number;
  count: number;
  recoveryMaxMs: number;
} {
  const times = stops.map(({ stopMs }) => stopMs);
  return {
    p50: rounded(median(times), 1),
    max: rounded(Math.max(...times), 1),
    count: stops.length,
    recoveryMaxMs: rounded(Math.max(...stops.map(({ recoveredMs }) => recoveredMs)), 0),
  };
}

const { stops, guardStops } = await run();
const names = [...new Set(stops.map(({ fault }) => fault))];
const byFault = Object.fromEntries(
  names.map((name) => [name, figuresOf(stops.filter(({ fault }) => fault === name))]),
);
const { p50, max } = figuresOf(stops);
const result = {
  max,
  p50,
  byFault,
  guard: figuresOf(guardStops),
  rounds,
  load: rounded(loadavg()[0] as number),
};
printReport(
  'Fault to standstill at the actuator',
  [
    { figure: 'greatest, ms', seen: `${max}`, reach: '<= 550' },
    { figure: 'p50, ms', seen: `${p50}` },
    ...names.map((name) => ({
      figure: `  ${name}, p50 / greatest`,
      seen: `${byFault[name]?.p50} / ${byFault[name]?.max}`,
    })),
    { figure: 'guard itself, p50 / greatest', seen: `${result.guard.p50} / ${result.guard.max}` },
    { figure: 'load of the machine', seen: `${result.load}` },
  ],
  result,
);
