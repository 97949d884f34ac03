/**
 * A set-point sampled in Chromium at 100 Hz → released by the machine's guard, and how old the newest released
 * command became. Everything on this computer, as in a drive. Options: --json, --seconds N.
 */
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { GuardLink } from '../support/guard-link.ts';
import {
  commandAgesMs,
  latenciesMs,
  latencyFigures,
  releaseGapsMs,
} from './command/command-figures.ts';
import { measurePageClock, type PageClockOffset } from './command/page-clock.ts';
import { type BenchSystem, operatorId, startBenchSystem } from './page/bench-system.ts';
import { numberOption, printReport, rounded } from './report.ts';

const seconds = numberOption('seconds', 30);
const hz = 100;
/** After the first command, until lease, codecs and clocks have settled. */
const settleMs = 2000;

async function run({ openPage, secret, machineId, agent }: BenchSystem) {
  const page = await openPage();
  const observer = await GuardLink.connect(agent.runtimeDir, 'observer');
  try {
    const login = { id: operatorId, secret };
    await page.evaluate(({ id, secret }) => window.benchPage.login(id, secret), login);
    await page.evaluate((id) => window.benchPage.connect(id), machineId);
    await page.evaluate(([id, hz]) => window.benchPage.drive(id, hz), [machineId, hz] as const);
    await wait(settleMs);
    const clockBefore = await measurePageClock(page);
    const begin = await page.evaluate(() => window.benchPage.driveCounts());
    await wait(1000 * seconds);
    const end = await page.evaluate(() => window.benchPage.driveCounts());
    const clockAfter = await measurePageClock(page);
    const released = observer.released.filter(
      ({ mode, sequence, inputTimeMs }) =>
        mode !== 'opaque' && sequence > 0 && inputTimeMs > begin.atMs && inputTimeMs <= end.atMs,
    );
    return { begin, end, released, clock: joined(clockBefore, clockAfter) };
  } finally {
    observer.close();
    await page.close();
  }
}

/** The middle of both measurements; their difference is uncertainty, too. */
function joined(before: PageClockOffset, after: PageClockOffset): PageClockOffset {
  const offsetMs = (before.offsetMs + after.offsetMs) / 2;
  const drift = Math.abs(after.offsetMs - before.offsetMs) / 2;
  return { offsetMs, uncertaintyMs: drift + Math.max(before.uncertaintyMs, after.uncertaintyMs) };
}

const system = await startBenchSystem();
const { begin, end, released, clock } = await run(system).finally(() => system.close());
const latency = latencyFigures(latenciesMs(released, clock.offsetMs));
const sent = end.sent - begin.sent;
const result = {
  p50: rounded(latency.p50),
  p95: rounded(latency.p95),
  p99: rounded(latency.p99),
  max: rounded(latency.max),
  commandAgeMaxMs: rounded(Math.max(...commandAgesMs(released)), 1),
  longestGapMs: rounded(Math.max(...releaseGapsMs(released)), 1),
  sampled: end.sampled - begin.sampled,
  sent,
  released: released.length,
  lost: sent - released.length,
  rearms: end.rearms - begin.rearms,
  refusals: end.refusals.slice(begin.refusals.length),
  uncertaintyMs: rounded(clock.uncertaintyMs),
  seconds,
  load: rounded(loadavg()[0] as number),
};
printReport(
  `Commands at ${hz} Hz from Chromium, input sampled to released by the guard`,
  [
    { figure: 'latency, p50 ms', seen: `${result.p50}`, reach: '<= 3' },
    { figure: 'latency, p95 ms', seen: `${result.p95}` },
    { figure: 'latency, p99 ms', seen: `${result.p99}`, reach: '<= 12' },
    { figure: 'latency, greatest ms', seen: `${result.max}` },
    { figure: 'uncertainty of the clocks, ms', seen: `${result.uncertaintyMs}` },
    { figure: 'command age, greatest ms', seen: `${result.commandAgeMaxMs}` },
    { figure: 'longest gap between releases, ms', seen: `${result.longestGapMs}` },
    { figure: 'stops of the machine meanwhile', seen: `${result.rearms}` },
    {
      figure: 'sampled / sent / released',
      seen: `${result.sampled} / ${sent} / ${released.length}`,
    },
    { figure: 'load of the machine', seen: `${result.load}` },
  ],
  result,
);
