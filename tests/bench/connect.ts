/**
 * From `connect()` to the first frame of the main camera on screen: a fresh page each time, the SDK logged in, and
 * no encoder running before. Options: --json, --rounds N.
 */
import { loadavg } from 'node:os';
import { untilIdle } from './connect/until-idle.ts';
import type { ConnectSteps } from './page/bench-page.ts';
import { type BenchSystem, operatorId, startBenchSystem } from './page/bench-system.ts';
import {
  ascending,
  type FigureRow,
  numberOption,
  printReport,
  quantile,
  rounded,
} from './report.ts';

const rounds = numberOption('rounds', 30);
/** The steps in their order, each as the time since the one before. */
const steps: Array<{ name: keyof ConnectSteps; figure: string }> = [
  { name: 'offered', figure: 'join and offer' },
  { name: 'answered', figure: 'answer' },
  { name: 'iceConnected', figure: 'ICE' },
  { name: 'connected', figure: 'DTLS' },
  { name: 'firstPacket', figure: 'first packet' },
  { name: 'received', figure: 'rest of the first frame' },
  { name: 'decoded', figure: 'decoded' },
  { name: 'presented', figure: 'presented' },
];

async function connectOnce(system: BenchSystem): Promise<ConnectSteps> {
  const page = await system.openPage();
  try {
    const login = { id: operatorId, secret: system.secret };
    await page.evaluate(({ id, secret }) => window.benchPage.login(id, secret), login);
    await untilIdle(() => system.agent.pids().media);
    return await page.evaluate((id) => window.benchPage.connect(id), system.machineId);
  } finally {
    await page.close();
  }
}

function splitOf(measured: ConnectSteps[]): Record<string, { p50: number; p95: number }> {
  const split = steps.map(({ name }, at) => {
    const before = steps[at - 1]?.name;
    const waits = ascending(measured.map((one) => one[name] - (before ? one[before] : 0)));
    return [
      name,
      { p50: rounded(quantile(waits, 0.5), 1), p95: rounded(quantile(waits, 0.95), 1) },
    ];
  });
  return Object.fromEntries(split);
}

const system = await startBenchSystem();
const measured: ConnectSteps[] = [];
try {
  // The first connect of a browser loads its codecs from the disk; it is not counted.
  await connectOnce(system);
  for (let round = 0; round < rounds; round++) measured.push(await connectOnce(system));
} finally {
  await system.close();
}
const total = ascending(measured.map(({ presented }) => presented));
const split = splitOf(measured);
const result = {
  p50: rounded(quantile(total, 0.5), 1),
  p95: rounded(quantile(total, 0.95), 1),
  rounds,
  steps: split,
  load: rounded(loadavg()[0] as number),
};
const rows: FigureRow[] = [
  { figure: 'first frame, p50 ms', seen: `${result.p50}`, reach: '<= 400' },
  { figure: 'first frame, p95 ms', seen: `${result.p95}` },
  ...steps.map(({ name, figure }) => ({
    figure: `  ${figure}, p50 / p95`,
    seen: `${split[name]?.p50} / ${split[name]?.p95}`,
  })),
  { figure: 'load of the machine', seen: `${result.load}` },
];
printReport('connect() to the first frame, cold encoder', rows, result);
