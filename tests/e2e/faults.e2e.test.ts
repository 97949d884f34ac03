import { createRelay, type Relay } from '@longreach/netem';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freeUdpPort } from '../../scripts/local/local-system.ts';
import type { CockpitPage, Direction } from '../support/cockpit-page.ts';
import { createMachinePath, type MachinePath } from '../support/machine-path.ts';
import { signalRenderers } from '../support/renderer-processes.ts';
import { startTestBed, type TestBed } from '../support/test-bed.ts';

let bed: TestBed;
let cockpit: CockpitPage;
/** Between browsers and worker. */
let relay: Relay;
let machinePath: MachinePath;
let direction: Direction = 'forward';

beforeAll(async () => {
  const mediaPort = await freeUdpPort();
  relay = await createRelay({ to: { address: '127.0.0.1', port: mediaPort } });
  let serverUrl = '';
  machinePath = await createMachinePath({
    serverUrl: () => serverUrl,
    announcedPort: relay.port,
    mediaPort,
  });
  bed = await startTestBed({
    mediaPort,
    announcedAddresses: [`127.0.0.1:${relay.port}`],
    adjustMachine: (config) => {
      serverUrl = String(config.server_url);
      config.server_url = machinePath.url;
    },
  });
  cockpit = await bed.openMachine();
});
afterAll(async () => {
  await bed?.close();
  await machinePath?.close();
  await relay?.close();
});
afterEach(() => {
  // There and back again: the machine shall not leave the straight.
  direction = direction === 'forward' ? 'backward' : 'forward';
});

/** While the machine is driven, `strike`: it must stand still; then `heal`: everything must come back by itself. */
async function expectFaultSurvived(
  strike: () => unknown,
  heal: () => unknown = () => {},
): Promise<void> {
  await cockpit.drive(direction, bed.vehicle);
  const still = bed.vehicle.untilStandstill();
  await strike();
  await still;
  await heal();
  await cockpit.letGo();
  await cockpit.untilFresh();
  await cockpit.drive(direction === 'forward' ? 'backward' : 'forward', bed.vehicle);
  await cockpit.letGo();
}

function killProcess(pid: number | undefined): void {
  if (pid === undefined) throw new Error('the process is not there to be killed');
  process.kill(pid, 'SIGKILL');
}

test('the server is killed, and started again later', async () => {
  await expectFaultSurvived(bed.system.server.kill, bed.system.server.restart);
});

test('the media worker is killed', async () => {
  await expectFaultSurvived(async () => {
    const [worker] = await bed.system.server.workerPids();
    killProcess(worker);
  });
});

test.each(['transport', 'media', 'guard'] as const)(
  'the agent’s %s process is killed',
  async (name) => {
    await expectFaultSurvived(() => killProcess(bed.system.agent.pids()[name]));
  },
);

test('the path between browser and worker is cut', async () => {
  await expectFaultSurvived(
    () => relay.cut(),
    async () => {
      await cockpit.at('connection-notice').waitFor();
      relay.restore();
    },
  );
});

test.each([
  ['shortly', 'SILENT'],
  ['until its session has ended', 'OFFLINE'],
])('the path between machine and server is cut %s', async (_howLong, notice) => {
  await expectFaultSurvived(
    () => machinePath.cut(),
    async () => {
      await cockpit.at('connection-notice').filter({ hasText: notice }).waitFor();
      machinePath.restore();
    },
  );
});

test('the browser tab freezes, and thaws later', async () => {
  const thaw = () => signalRenderers(bed.browser, 'SIGCONT');
  // A failure must not leave a browser that nobody can close.
  await expectFaultSurvived(() => signalRenderers(bed.browser, 'SIGSTOP'), thaw).finally(thaw);
});

test('the browser tab is killed; a new tab takes over', async () => {
  await cockpit.drive(direction, bed.vehicle);
  const still = bed.vehicle.untilStandstill();
  expect(await signalRenderers(bed.browser, 'SIGKILL')).toBeGreaterThan(0);
  await still;
  await cockpit.close();
  cockpit = await bed.openMachine();
  await cockpit.drive(direction === 'forward' ? 'backward' : 'forward', bed.vehicle);
});

test('the tab is closed while driving; a new tab takes over', async () => {
  await cockpit.drive(direction, bed.vehicle);
  const still = bed.vehicle.untilStandstill();
  await cockpit.close();
  await still;
  cockpit = await bed.openMachine();
  await cockpit.drive(direction === 'forward' ? 'backward' : 'forward', bed.vehicle);
});
