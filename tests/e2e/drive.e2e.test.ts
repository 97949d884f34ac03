import { type Command, encodeCommand, RefusalCode } from '@longreach/protocol';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { machineClock } from '../../apps/agent/src/local/machine-clock.ts';
import type { CockpitPage } from '../support/cockpit-page.ts';
import { eventually } from '../support/eventually.ts';
import { GuardLink } from '../support/guard-link.ts';
import { sendRawFrames } from '../support/page-taps.ts';
import { startTestBed, type TestBed } from '../support/test-bed.ts';

/** Buttons that only forged commands press: what was released can be told apart by them. */
const forgedButtons = 0xbad;
const guessedToken = '0123456789abcdef';

let bed: TestBed;
let master: CockpitPage;
let observer: GuardLink;
/** Knows the lease's token, as only the machine, the server and the master do. */
let insider: GuardLink;

beforeAll(async () => {
  bed = await startTestBed();
  master = await bed.openMachine();
  observer = await GuardLink.connect(bed.system.agent.runtimeDir, 'observer');
  insider = await GuardLink.connect(bed.system.agent.runtimeDir, 'transport');
});
afterAll(async () => {
  observer?.close();
  insider?.close();
  await bed?.close();
});
beforeEach(async () => {
  await master.letGo();
});

/** A drive command whose author would like the machine to go backward at full power. */
function forge(fields: Partial<Command>): Uint8Array {
  return encodeCommand({
    kind: 'drive',
    sequence: 0x7fffffff,
    epoch: observer.lease?.epoch ?? 0,
    token: guessedToken,
    ttlMs: 1000,
    captureTimeUs: machineClock.nowUs() - 50_000,
    inputTimeMs: Date.now(),
    axes: [0, -1, 0],
    buttons: forgedButtons,
    ...fields,
  } as Command);
}

/** The token that the master holds. */
function stolenToken(): string {
  const token = insider.lease?.token;
  if (token === undefined) throw new Error('nobody is master');
  return token;
}

/** The master drives while somebody else forges; nothing forged is released, and he keeps his lease. */
async function expectUndisturbed(forgeAll: () => Promise<void>): Promise<void> {
  await master.drive('forward', bed.vehicle);
  const lease = observer.lease;
  await forgeAll();
  expect(observer.released.filter((order) => order.buttons === forgedButtons)).toEqual([]);
  expect(lease?.masterId).toBe('operator-1');
  expect(observer.lease).toEqual(lease);
  await brake();
  await expectObeyed();
}

/** Resolves when commands of the master are released (again). */
async function expectObeyed(): Promise<void> {
  await master.drive('backward', bed.vehicle);
  const { released } = observer.status as { released: number };
  await master.driveUntil('backward', bed.vehicle, 'more released commands', () => {
    return (observer.status?.released ?? 0) > released + 5;
  });
  await brake();
}

async function brake(): Promise<void> {
  await master.letGo();
  await master.page.keyboard.down('Space');
  await bed.vehicle.until('a stop', (state) => state.speedMps === 0);
  await master.page.keyboard.up('Space');
}

/** Mean difference of two pictures, luma. */
function difference(a: number[], b: number[]): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] as number)), 0) / a.length;
}

test('driving forward moves the machine and the picture', async () => {
  expect(await master.mode()).toBe('stopped');
  const stood = bed.vehicle.state;
  const [first, second] = [await master.thumbnail(), await master.thumbnail()];
  await master.driveUntil('forward', bed.vehicle, 'speed in the page', async () => {
    return Number(await master.at('speed').getAttribute('data-mps')) > 0.3;
  });
  await master.driveUntil('forward', bed.vehicle, 'two metres', () => {
    const { xM, yM } = bed.vehicle.state;
    return Math.hypot(xM - stood.xM, yM - stood.yM) > 2;
  });
  const standing = difference(first, second);
  await eventually('another picture', async () => {
    return difference(first, await master.thumbnail()) > standing + 2;
  });
  await brake();
});

test('the key for right turns the machine to the right, the one for left to the left', async () => {
  for (const [key, sense] of [
    ['d', -1],
    ['a', 1],
  ] as const) {
    await master.drive('forward', bed.vehicle);
    const { headingRad } = bed.vehicle.state;
    await master.page.keyboard.down(key);
    // The heading is in the mathematical sense: it grows to the left.
    await master.driveUntil('forward', bed.vehicle, `a turn by ${key}`, async () => {
      // A new attempt to drive lets go of every key.
      await master.page.keyboard.down(key);
      const turned = bed.vehicle.state.headingRad - headingRad;
      return sense * Math.atan2(Math.sin(turned), Math.cos(turned)) > 0.05;
    });
    await master.page.keyboard.up(key);
    await brake();
  }
});

test('the emergency stop holds the machine until it is armed again', async () => {
  await master.drive('backward', bed.vehicle);
  const still = bed.vehicle.untilStandstill();
  await master.at('estop').click();
  await still;
  await master.untilMode('emergency');
  await expectObeyed();
});

test('a second browser is guest: the worker refuses its commands, also with the epoch and even the token of the master', async () => {
  const guest = await bed.openMachine('operator-2');
  expect(await guest.at('master').getAttribute('data-permission')).toBe('guest');
  expect(await guest.at('master').getAttribute('data-master-id')).toBe('operator-1');
  const refusals = await watchRefusals(guest);
  await guest.page.keyboard.down('KeyS');
  await expectUndisturbed(async () => {
    const token = stolenToken();
    const frames = [
      forge({ epoch: 0 }),
      forge({}),
      forge({ token }),
      forge({ kind: 'rearm', token }),
    ];
    for (const frame of frames) {
      for (const label of ['control', 'command']) {
        const before = refusals.length;
        await eventually('a refusal by the worker', async () => {
          await sendRawFrames(guest.page, label, [frame]);
          return refusals.length > before;
        });
      }
    }
  });
  expect(new Set(refusals)).toEqual(new Set([`worker ${RefusalCode.NotMaster}`]));
  await guest.close();
});

test('the machine itself drops forged, outdated and repeated commands that come past the worker', async () => {
  await expectUndisturbed(async () => {
    const token = stolenToken();
    const epoch = observer.lease?.epoch as number;
    const forgeries: Array<[RefusalCode, Uint8Array]> = [
      [RefusalCode.WrongToken, forge({})],
      [RefusalCode.OldEpoch, forge({ epoch: epoch - 1, token })],
      [RefusalCode.OutOfOrder, forge({ sequence: 1, token })],
      [RefusalCode.Malformed, Uint8Array.of(0x11, 0, 1)],
    ];
    for (const [code, frame] of forgeries) {
      await eventually(`refusal ${code}`, () => {
        insider.sendCommand(frame);
        return observer.refusals.has(code);
      });
    }
  });
});

/** What this page's client is told of refused commands from now on: by whom, which code. */
async function watchRefusals(cockpit: CockpitPage): Promise<string[]> {
  const told: string[] = [];
  await cockpit.page.exposeFunction('tellRefusal', (text: string) => told.push(text));
  await cockpit.page.evaluate(() => {
    const { tellRefusal } = window as unknown as { tellRefusal(text: string): void };
    document
      .querySelector('longreach-cockpit')
      ?.client?.on('commandRefused', ({ by, code }) => tellRefusal(`${by} ${code}`));
  });
  return told;
}
