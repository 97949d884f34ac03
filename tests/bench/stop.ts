/**
 * Faults while driving: fault → the actuator is ordered to stand still. Each in turn, the machine driving again by
 * itself in between but for the operator's re-arm. Options: --json, --rounds N (faults, default 30),
 * --guard-rounds N (deaths of the guard, reported apart, default 3).
 */
import { loadavg } from 'node:os';
import { createRelay } from '@longreach/netem';
import { freeUdpPort } from '../../scripts/local/local-system.ts';
import { VehicleObserver } from '../support/vehicle-observer.ts';
import { type BenchSystem, startBenchSystem } from './page/bench-system.ts';
import { median, numberOption, printReport, rounded } from './report.ts';
import { Drive } from './stop/drive.ts';
import { createFaults, type Fault, guardFault } from './stop/faults.ts';

const rounds = numberOption('rounds', 30);
const guardRounds = numberOption('guard-rounds', 3);
/** Driving without a break before a fault strikes, ms; a little more each time, so that phases differ. */
const steadyMs = 1000;
const phaseStepMs = 37;

type Stop = { fault: string; stopMs: number; recoveredMs: number };

async function runFaults(drive: Drive, faults: Fault[], count: number): Promise<Stop[]> {
  const stops: Stop[] = [];
  for (let round = 0; stops.length < count; round++) {
    const fault = faults[stops.length % faults.length] as Fault;
    await drive.untilDriving(steadyMs + ((round * phaseStepMs) % 200));
    const stopMs = await drive.strike(fault);
    await fault.heal?.();
    // The machine had stopped by itself just before: this was no fault while driving.
    if (stopMs < 0) continue;
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
  let vehicle: VehicleObserver | undefined;
  try {
    // The machine takes the announced path; the page replaces it by its own.
    const announcedAddresses = [`127.0.0.1:${paths.machine.port}`];
    system = await startBenchSystem({ mediaPort, announcedAddresses });
    vehicle = await VehicleObserver.connect(system.agent.runtimeDir);
    const drive = new Drive(system, paths, vehicle);
    await drive.open();
    const faults = createFaults(system, paths, () => drive.open());
    const stops = await runFaults(drive, faults, rounds);
    const guardStops = await runFaults(drive, [guardFault(system)], guardRounds);
    return { stops, guardStops };
  } finally {
    vehicle?.close();
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
