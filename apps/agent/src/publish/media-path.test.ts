import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { machineClock } from '../local/machine-clock.ts';
import type { StreamEncoding } from './encoding-rate.ts';
import { VirtualLink, type VirtualLinkOptions } from './testing/virtual-link.ts';
import { VirtualUplink } from './testing/virtual-uplink.ts';

const front: StreamEncoding = {
  streamId: 0,
  width: 1280,
  height: 720,
  fps: 30,
  bitrateBps: 2_500_000,
  minBitrateBps: 300_000,
  isAdaptive: true,
};
const delayUs = 7_500;

let uplink: VirtualUplink | undefined;

beforeEach(() => {
  const toFake = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'hrtime'] as const;
  vi.useFakeTimers({ toFake: [...toFake] });
});

afterEach(() => {
  uplink?.close();
  uplink = undefined;
  vi.useRealTimers();
});

/** A machine with these streams behind such a network. */
function start(link: Partial<VirtualLinkOptions>, streams = [front]): VirtualUplink {
  const { rateBpsAt: _, queueUs: __, ...back } = link;
  uplink = new VirtualUplink(
    streams,
    new VirtualLink({ delayUs, seed: 1, ...link }),
    new VirtualLink({ delayUs, ...back, seed: 2 }),
  );
  return uplink;
}

/** Times between whole pictures from a time on, ms. */
function gapsOf(machine: VirtualUplink, streamId = 0, fromUs = 0): number[] {
  const shown = machine.shown(streamId).filter(({ atUs }) => atUs >= fromUs);
  return shown.slice(1).map(({ atUs }, i) => (atUs - (shown[i]?.atUs ?? atUs)) / 1000);
}

function latencyMs(machine: VirtualUplink, share: number, fromUs = 0): number {
  const all = machine
    .shown(0)
    .filter(({ atUs }) => atUs >= fromUs)
    .map(({ atUs, captureTimeUs }) => (atUs - captureTimeUs) / 1000)
    .sort((a, b) => a - b);
  return all[Math.floor(share * (all.length - 1))] ?? Number.NaN;
}

test('on a good link the configured rate is reached within two seconds and nothing is added', () => {
  const machine = start({ rateBpsAt: () => 20_000_000 });
  vi.advanceTimersByTime(2000);
  expect(machine.orders.at(-1)).toMatchObject({ bitrateBps: 2_500_000, fps: 30, scale: 1 });
  vi.advanceTimersByTime(8000);
  expect(Math.max(...gapsOf(machine))).toBeLessThan(60);
  const { media, parity, repeat, probe } = machine.path.uplink.bytes;
  expect((parity + repeat + probe) / media).toBeLessThan(0.03);
});

test('at 30 % loss in both directions pictures keep coming, from parity and repeats', () => {
  const machine = start({ lossShare: 0.3 });
  vi.advanceTimersByTime(12_000);
  expect(machine.shown(0).length).toBeGreaterThan(340);
  expect(Math.max(...gapsOf(machine, 0, 2_000_000))).toBeLessThan(200);
  const { media, parity, repeat } = machine.path.uplink.bytes;
  expect((parity + repeat) / media).toBeLessThan(1.5);
});

test('losses in a row over a long way are bridged', () => {
  const machine = start({ lossShare: 0.05, burstPackets: 4, delayUs: 60_000 });
  vi.advanceTimersByTime(10_000);
  const gaps = gapsOf(machine, 0, 2_000_000);
  expect(gaps.filter((gap) => gap > 250)).toEqual([]);
  expect(machine.shown(0).length).toBeGreaterThan(270);
});

test('on 1 Mbit/s the rate fits without a queue that is felt', () => {
  const machine = start({ rateBpsAt: () => 1_000_000 }, [{ ...front, width: 1920, height: 1080 }]);
  vi.advanceTimersByTime(15_000);
  expect(latencyMs(machine, 0.95, 3_000_000)).toBeLessThan(150);
  expect(Math.max(...gapsOf(machine, 0, 3_000_000))).toBeLessThan(150);
  expect(machine.path.uplink.bytes.media * 8).toBeGreaterThan(15 * 700_000);
});

test('a rate that falls to a fifth loses nothing and freezes nothing, and is used again when it is back', () => {
  const machine = start({
    queueUs: 250_000,
    rateBpsAt: (nowUs) => (nowUs >= 8e6 && nowUs < 18e6 ? 800_000 : 4_000_000),
  });
  vi.advanceTimersByTime(18_000);
  expect(Math.max(...gapsOf(machine, 0, 2_000_000))).toBeLessThan(150);
  expect(latencyMs(machine, 1, 2_000_000)).toBeLessThan(400);
  expect(machine.path.uplink.bytes.repeat).toBe(0);
  expect(latencyMs(machine, 0.95, 9_500_000)).toBeLessThan(200);
  vi.advanceTimersByTime(6000);
  expect(machine.orders.at(-1)?.bitrateBps).toBeGreaterThan(2_000_000);
});

test('after an outage pictures move again soon', () => {
  const isOutAt = (nowUs: number) => nowUs >= 5e6 && nowUs < 5.4e6;
  const machine = start({ isOutAt });
  vi.advanceTimersByTime(7000);
  const back = machine.shown(0).find(({ atUs }) => atUs > 5.4e6);
  expect((back?.atUs ?? Number.NaN) - 5.4e6).toBeLessThan(200_000);
  expect(Math.max(...gapsOf(machine, 0, 5.7e6))).toBeLessThan(150);
});

test('an outage is told when it is felt and when it is over, and nothing else is', () => {
  const outage = { fromUs: 5e6, toUs: 6.5e6 };
  const machine = start({ isOutAt: (nowUs) => nowUs >= outage.fromUs && nowUs < outage.toUs });
  const told: Array<{ isSilent: boolean; atUs: number }> = [];
  machine.path.onSilence = (isSilent) => told.push({ isSilent, atUs: machineClock.nowUs() });
  vi.advanceTimersByTime(10_000);
  expect(told.map(({ isSilent }) => isSilent)).toEqual([true, false]);
  const [beganUs = 0, endedUs = 0] = told.map(({ atUs }) => atUs);
  expect(beganUs).toBeGreaterThan(outage.fromUs);
  expect(beganUs - outage.fromUs).toBeLessThan(300_000);
  expect(endedUs).toBeGreaterThan(outage.toUs);
  expect(endedUs - outage.toUs).toBeLessThan(200_000);
});

test('a way that becomes longer for good is no reason to stand still', () => {
  const machine = start({ extraDelayUsAt: (nowUs) => (nowUs > 5e6 ? 100_000 : 0) });
  vi.advanceTimersByTime(10_000);
  const after = machine.shown(0).filter(({ atUs }) => atUs > 6.5e6);
  expect(after.length).toBeGreaterThan(65);
});

test('the main stream keeps its share when the rate is scarce, and the others live on', () => {
  const others = [1, 2, 3].map((streamId) => ({
    ...front,
    streamId,
    width: 640,
    height: 360,
    bitrateBps: 800_000,
  }));
  const machine = start({ rateBpsAt: () => 2_000_000 }, [front, ...others]);
  vi.advanceTimersByTime(10_000);
  const newest = (id: number) => machine.orders.filter(({ streamId }) => streamId === id).at(-1);
  expect(newest(0)?.bitrateBps).toBeGreaterThan(2 * (newest(1)?.bitrateBps ?? 0));
  for (const { streamId } of others) {
    expect(Math.max(...gapsOf(machine, streamId, 3_000_000))).toBeLessThan(250);
  }
  machine.rates.setMainStream(2);
  vi.advanceTimersByTime(3000);
  expect(newest(2)?.bitrateBps).toBeGreaterThan(1.5 * (newest(0)?.bitrateBps ?? 0));
});
