/**
 * A set-point sampled in Chromium at 100 Hz → released by the machine's guard, and how old the newest released
 * command became. Everything on this computer, as in a drive. Options: --json, --seconds N.
 */
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { commandAgesMs, latenciesMs, latencyFigures, releaseGapsMs } from './command/command-figures.ts';
import { measurePageClock } from './command/page-clock.ts';
import { ReleaseObserver } from './command/release-observer.ts';
import { type BenchSystem, operatorId, startBenchSystem } from './page/bench-system.ts';
import { numberOption, printReport, rounded } from './report.ts';

const seconds = numberOption('seconds', 30);
const hz = 100;
/** After the first command, until lease, codecs and clocks have settled. */
const settleMs = 2000;

async function run({ openPage, secret, machineId, agent }: BenchSystem) {
  const page = await openPage();
  const observer = new ReleaseObserver(agent.runtimeDir);
  try {
    const login = { id: operatorId, secret };
    await page.evaluate(({ id, secret }) => window.benchPage.login(id, secret), login);
    await page.evaluate((id) => window.benchPage.connect(id), machineId);
    await page.evaluate(([id, hz]) => window.benchPage.drive(id, hz), [machineId, hz] as const);
    await wait(settleMs);
    const before = await measurePageClock(page);
    const begun = observer.released.at(-1)?.sequence ?? 0;
    const sentBefore = await page.evaluate(() => window.benchPage.driveCounts());
    await wait(1000 * seconds);
    const counts = await page.evaluate(() => window.benchPage.endDriving());
    await wait(settleMs);
    const after = await measurePageClock(page);
    const released = observer.released.filter(({ sequence }) => sequence > begun);
    return { before, after, counts, sentBefore, released };
  } finally {
    observer.close();
    await page.close();
  }
}
