/**
 * CPU of the server and of the simulated machine while one browser watches all four cameras, by process.
 * Options: --json, --seconds N.
 */
import { buildCockpit } from '../../apps/cockpit/build.ts';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { launchChromium } from '../support/browser.ts';
import { processCpuUs } from './process-cpu.ts';
import { numberOption, printReport, rounded } from './report.ts';

const seconds = numberOption('seconds', 20);
const settleMs = 4000;

/** The processes that make up server and machine. The supervisor is this process: it only waits. */
async function processesOf(system: LocalSystem): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const serverPid = system.server.pid();
  if (serverPid !== undefined) found.set('server', serverPid);
  for (const pid of await system.server.workerPids()) found.set('media worker', pid);
  for (const [name, pid] of Object.entries(system.agent.pids())) {
    if (pid !== undefined) found.set(`machine: ${name}`, pid);
  }
  return found;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const system = await startLocalSystem({ cockpitDir: await buildCockpit() });
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(await system.loginUrl());
  await page.getByRole('button', { name: /Rover/ }).click();
  await page.waitForFunction(() => {
    const playing = (root: ParentNode): number =>
      [...root.querySelectorAll('*')].reduce(
        (count, element) =>
          count +
          (element instanceof HTMLVideoElement && element.videoWidth > 0 ? 1 : 0) +
          (element.shadowRoot ? playing(element.shadowRoot) : 0),
        0,
      );
    return playing(document) >= 4;
  });
  await wait(settleMs);
  const processes = await processesOf(system);
  const beforeUs = new Map([...processes].map(([name, pid]) => [name, processCpuUs(pid)]));
  await wait(seconds * 1000);
  const cores = new Map(
    [...processes].map(([name, pid]) => {
      const usedUs = processCpuUs(pid) - (beforeUs.get(name) ?? 0);
      return [name, rounded(usedUs / (seconds * 1_000_000), 3)];
    }),
  );
  const total = rounded(
    [...cores.values()].reduce((sum, share) => sum + share, 0),
    3,
  );
  printReport(
    'CPU with four cameras watched, share of a core',
    [
      ...[...cores].map(([name, share]) => ({ figure: name, seen: `${share}` })),
      { figure: 'total', seen: `${total}`, reach: '<= 1' },
    ],
    { total, byProcess: Object.fromEntries(cores) },
  );
} finally {
  await browser.close();
  await system.close();
}
process.exit(0);
