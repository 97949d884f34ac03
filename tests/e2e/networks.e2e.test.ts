import { type LegSettings, profileOf, type Relay } from '@longreach/netem';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type NetworkBed, startNetworkBed } from '../support/network-bed.ts';
import type { NetworkPage } from '../support/network-page.ts';

/** Pictures that a moving picture shows in two seconds or so. */
const someFrames = 60;
/** Of 2,500 kbit/s for the encoder. */
const fullKbps = 1500;
const narrowKbps = 1000;
/** A sender may take its time to trust a link again. */
const patienceMs = 40_000;
/** State reports of the machine, of which those of a stopped one are counted: half of the time that is looked at. */
const reportsOfFiveSeconds = 250;
const perfect: LegSettings = { toTarget: {}, toFlow: {} };

let bed: NetworkBed;
let operator: NetworkPage;

/** Bit rate that came to a leg from the machine or the worker while `page` went on by some pictures, kbit/s. */
async function kbpsMeanwhile(relay: Relay, path: 'toTarget' | 'toFlow', page: NetworkPage) {
  const [bytes, atMs] = [relay.counters()[path].arrivedBytes, performance.now()];
  await page.untilFurther(someFrames);
  return ((relay.counters()[path].arrivedBytes - bytes) * 8) / (performance.now() - atMs);
}

/** Resolves when the machine sends more than the narrow legs of these tests carry. */
async function untilFullRate(): Promise<void> {
  const look = async () => (await kbpsMeanwhile(bed.uplink, 'toTarget', operator)) > fullKbps;
  await eventually('the full rate', look, { timeoutMs: patienceMs });
}

/** Resolves when a leg that carries 1 Mbit/s is sent less than that. */
async function untilBelow(relay: Relay, path: 'toTarget' | 'toFlow', page: NetworkPage) {
  const look = async () => (await kbpsMeanwhile(relay, path, page)) < narrowKbps;
  await eventually('less than the leg carries', look, { timeoutMs: patienceMs });
}

/** Each group of tests has a system of its own, with an operator who watches and drives. */
function useBed(player: string): void {
  beforeAll(async () => {
    bed = await startNetworkBed();
    operator = await bed.openOperator(player);
    await operator.untilFurther(someFrames);
  });
  afterAll(() => bed?.close());
  afterEach(() => {
    for (const relay of [bed.uplink, bed.operator, bed.guest]) relay.setProfile(perfect);
  });
}

describe.each(['datagram', 'rtp'])('with the %s player', (player) => {
  useBed(player);

  test('this player shows the pictures', async () => {
    const { players } = await operator.result();
    expect(players.at(-1)).toMatch(new RegExp(`^${player}`));
  });

  test('one packet in ten is lost on both legs: pictures go on, and the machine is driven', async () => {
    bed.uplink.setProfile(profileOf('loss10', { media: 'toTarget', seed: 1 }));
    bed.operator.setProfile(profileOf('loss10', { media: 'toFlow', seed: 2 }));
    await operator.untilFurther(5 * someFrames);
    await bed.vehicle.untilDriving();
    expect(bed.uplink.counters().toTarget.droppedPackets.loss).toBeGreaterThan(0);
  });

  test('after an outage of 400 ms pictures go on', async () => {
    const outage = { periodMs: 10_000, lengthMs: 400, offsetMs: 0 };
    bed.uplink.setProfile({ toTarget: { outage }, toFlow: { outage } });
    await operator.untilFurther(3 * someFrames);
    expect(bed.uplink.counters().toTarget.droppedPackets.outage).toBeGreaterThan(0);
    await bed.vehicle.untilDriving();
  });
});

describe('heavy loss', () => {
  useBed('datagram');

  test('three packets in ten are lost on both legs: pictures go on, and so does the machine', async () => {
    bed.uplink.setProfile(profileOf('loss30', { media: 'toTarget', seed: 3 }));
    bed.operator.setProfile(profileOf('loss30', { media: 'toFlow', seed: 4 }));
    // It takes a moment until all know of the loss; the machine may stop meanwhile.
    await operator.untilFurther(someFrames);
    await bed.vehicle.untilDriving();
    const { stops } = await operator.result();
    await operator.untilFurther(5 * someFrames);
    const after = await operator.result();
    expect(after.stops - stops).toBeLessThan(reportsOfFiveSeconds);
    expect(after.players.at(-1)).toMatch(/^datagram/);
  });
});

// How the rate is found does not depend on the player.
describe('the rate follows the network', () => {
  useBed('datagram');

  test('an uplink of 1 Mbit/s: less is sent than it carries, and pictures go on', async () => {
    await untilFullRate();
    bed.uplink.setProfile(profileOf('rate1m', { media: 'toTarget' }));
    await untilBelow(bed.uplink, 'toTarget', operator);
    await operator.untilFurther(someFrames);
  });

  test('an operator’s leg of 1 Mbit/s: the machine sends less, and pictures go on', async () => {
    await untilFullRate();
    bed.operator.setProfile(profileOf('rate1m', { media: 'toFlow' }));
    await untilBelow(bed.uplink, 'toTarget', operator);
    await operator.untilFurther(someFrames);
  });

  test('a guest on a weak leg sees pictures, and the master’s stay as they were', async () => {
    await untilFullRate();
    bed.guest.setProfile(profileOf('rate1m', { media: 'toFlow' }));
    const guest = await bed.openGuest('datagram');
    try {
      await guest.untilFurther(someFrames);
      await untilBelow(bed.guest, 'toFlow', guest);
      expect(await kbpsMeanwhile(bed.operator, 'toFlow', operator)).toBeGreaterThan(fullKbps);
    } finally {
      await guest.close();
    }
  });
});
