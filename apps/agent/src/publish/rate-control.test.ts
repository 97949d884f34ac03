import { expect, test } from 'vitest';
import type { EncodeOrder, RateNotice, StreamEncoding } from './encoding-rate.ts';
import { type NetworkRate, RateControl } from './rate-control.ts';

function stream(streamId: number, more: Partial<StreamEncoding> = {}): StreamEncoding {
  const size = { width: 1280, height: 720, fps: 30 };
  const rates = { bitrateBps: 2_000_000, minBitrateBps: 500_000 };
  return { streamId, ...size, ...rates, isAdaptive: true, ...more };
}

const calm: NetworkRate = {
  targetBps: undefined,
  mediaLimitBps: undefined,
  otherBps: 0,
  isStarved: false,
  isLate: false,
  isHeld: false,
  backlogUs: 0,
  queueDelayUs: 0,
  costOf: () => 1,
  usedBpsOf: () => undefined,
};

/** A control with running streams, and what it said last for each. */
function run(streams: StreamEncoding[]) {
  const control = new RateControl(streams);
  for (const { streamId } of streams) control.setActive(streamId, 'main', true);
  const newest = new Map<string, EncodeOrder>();
  const notices: RateNotice[] = [];
  let nowUs = 0;
  const pass = (network: Partial<NetworkRate>, ms: number) => {
    let count = 0;
    for (const endUs = nowUs + ms * 1000; nowUs < endUs; nowUs += 25_000) {
      const said = control.update({ ...calm, ...network }, nowUs);
      notices.push(...said.notices);
      count += said.orders.length;
      for (const order of said.orders) newest.set(`${order.streamId}:${order.encoding}`, order);
    }
    return count;
  };
  return { control, newest, notices, pass, of: (id: number) => newest.get(`${id}:main`) };
}

test('without any word of the network the configured rates hold', () => {
  const { pass, of } = run([stream(0), stream(1)]);
  pass({}, 1000);
  expect([of(0), of(1)]).toMatchObject([
    { bitrateBps: 2_000_000, fps: 30, scale: 1, keepOneIn: 1 },
    { bitrateBps: 2_000_000 },
  ]);
});

test('what sound, headers and repairs take is not given to the encoders', () => {
  const { pass, of } = run([stream(0)]);
  pass({ targetBps: 2_000_000, otherBps: 100_000, costOf: () => 1.9 }, 500);
  expect(of(0)?.bitrateBps).toBe(1_000_000);
});

test('the first stream goes first until another one is named', () => {
  const { control, pass, of } = run([stream(0), stream(1)]);
  pass({ targetBps: 2_000_000 }, 500);
  expect([of(0)?.bitrateBps, of(1)?.bitrateBps]).toEqual([1_500_000, 500_000]);
  control.mainStreamId = 1;
  pass({ targetBps: 2_000_000 }, 500);
  expect([of(0)?.bitrateBps, of(1)?.bitrateBps]).toEqual([500_000, 1_500_000]);
});

test('less is ordered at once, more every 200 ms at most, and a little not at all', () => {
  const { pass, of } = run([stream(0)]);
  pass({ targetBps: 1_000_000 }, 500);
  expect(pass({ targetBps: 980_000 }, 500)).toBe(0);
  pass({ targetBps: 800_000 }, 25);
  expect(of(0)?.bitrateBps).toBe(800_000);
  expect(pass({ targetBps: 1_500_000 }, 100)).toBe(0);
  pass({ targetBps: 1_500_000 }, 150);
  expect(of(0)?.bitrateBps).toBe(1_500_000);
});

test('the machine encodes for what the master takes when that is less', () => {
  const { pass, of } = run([stream(0), stream(1)]);
  pass({ targetBps: 10_000_000, mediaLimitBps: 1_344_000, costOf: () => 2 }, 500);
  expect([of(0)?.bitrateBps, of(1)?.bitrateBps]).toEqual([700_000, 500_000]);
});

test('below its minimum a stream is told of once, stays at it, and once when it is enough again', () => {
  const { pass, of, notices } = run([stream(0)]);
  pass({ targetBps: 200_000 }, 1000);
  expect(notices).toEqual([]);
  pass({ targetBps: 200_000 }, 5000);
  expect(notices).toEqual([{ streamId: 0, state: 'belowMinimum', bitrateBps: 200_000 }]);
  expect(of(0)?.bitrateBps).toBe(500_000);
  pass({ targetBps: 520_000 }, 5000);
  expect(notices).toHaveLength(1);
  pass({ targetBps: 900_000 }, 5000);
  expect(notices.slice(1)).toMatchObject([{ streamId: 0, state: 'ok' }]);
});

test('somebody may ask for another rate and frame rate', () => {
  const { control, pass, of } = run([stream(0)]);
  pass({}, 500);
  control.setCap(0, { bitrateBps: 1_000_000 });
  control.setCap(0, { fps: 15 });
  pass({}, 25);
  expect(of(0)).toMatchObject({ bitrateBps: 1_000_000, fps: 15 });
});

test('frame rate and size give way when the rate stays low, unless the scene needs no more', () => {
  const hard = run([stream(0, { minBitrateBps: 300_000 })]);
  hard.pass({ targetBps: 400_000 }, 6000);
  expect(hard.of(0)?.scale).toBeLessThan(1);
  expect(hard.of(0)?.fps).toBeLessThan(30);
  const easy = run([stream(0)]);
  easy.pass({ targetBps: 600_000, usedBpsOf: () => 150_000 }, 6000);
  expect(easy.of(0)).toMatchObject({ fps: 30, scale: 1 });
});

test('every second picture, then every one is left out while too much waits, those of the main stream last', () => {
  const { pass, of } = run([stream(0), stream(1)]);
  const kept = () => [of(0)?.keepOneIn, of(1)?.keepOneIn];
  pass({}, 500);
  pass({ backlogUs: 90_000 }, 25);
  expect(kept()).toEqual([1, 2]);
  pass({ backlogUs: 130_000 }, 25);
  expect(kept()).toEqual([2, 0]);
  pass({ backlogUs: 190_000 }, 25);
  expect(kept()).toEqual([0, 0]);
  pass({ backlogUs: 80_000 }, 25);
  expect(kept()).toEqual([2, 0]);
  pass({ backlogUs: 20_000 }, 25);
  expect(kept()).toEqual([1, 1]);
});

test('a queue on the way leaves pictures out for a bounded time: it may be a strange one', () => {
  const { pass, of } = run([stream(0)]);
  pass({}, 500);
  pass({ queueDelayUs: 100_000 }, 25);
  expect(of(0)?.keepOneIn).toBe(2);
  pass({ queueDelayUs: 200_000 }, 50);
  expect(of(0)?.keepOneIn).toBe(0);
  pass({ queueDelayUs: 200_000 }, 400);
  expect(of(0)?.keepOneIn).toBe(2);
  pass({ queueDelayUs: 200_000 }, 700);
  expect(of(0)?.keepOneIn).toBe(1);
  pass({}, 700);
  pass({ queueDelayUs: 200_000 }, 50);
  expect(of(0)?.keepOneIn).toBe(0);
});

test('while the way is silent some pictures go on', () => {
  const { pass, of } = run([stream(0)]);
  pass({ isLate: true }, 25);
  expect(of(0)?.keepOneIn).toBe(2);
  pass({ isStarved: true }, 25);
  expect(of(0)?.keepOneIn).toBe(3);
});

test('while packets are held back no picture is taken that would wait behind them', () => {
  const { pass, of } = run([stream(0), stream(1)]);
  pass({ isHeld: true }, 25);
  expect([of(0)?.keepOneIn, of(1)?.keepOneIn]).toEqual([0, 0]);
  pass({ isHeld: true, isStarved: true }, 25);
  expect(of(0)?.keepOneIn).toBe(3);
  pass({}, 25);
  expect(of(0)?.keepOneIn).toBe(1);
});

test('late answers cost three quarters of the rate at once, an outage does not: its end is worth a good key frame', () => {
  const { pass, of } = run([stream(0)]);
  pass({ targetBps: 5_000_000 }, 500);
  pass({ targetBps: 5_000_000, isLate: true }, 50);
  expect(of(0)?.bitrateBps).toBe(500_000);
  pass({ targetBps: 4_000_000, isLate: true, isStarved: true }, 300);
  expect(of(0)?.bitrateBps).toBe(2_000_000);
  pass({ targetBps: 4_000_000, isLate: true }, 150);
  expect(of(0)?.bitrateBps).toBe(2_000_000);
});

test('the small encoding is half the size, takes little and never from the others', () => {
  const { control, newest, pass, of } = run([stream(0)]);
  control.setActive(0, 'small', true);
  pass({ targetBps: 1_500_000 }, 500);
  expect(newest.get('0:small')).toMatchObject({ scale: 0.5, bitrateBps: 150_000 });
  expect(of(0)?.bitrateBps).toBe(1_350_000);
  pass({ targetBps: 5_000_000 }, 500);
  expect(newest.get('0:small')?.bitrateBps).toBe(400_000);
  expect(of(0)?.bitrateBps).toBe(2_000_000);
});

test('what is forwarded as it came is never ordered but counts', () => {
  const { pass, of } = run([stream(0), stream(1, { isAdaptive: false, bitrateBps: 1_000_000 })]);
  pass({ targetBps: 2_000_000 }, 500);
  expect(of(1)).toBeUndefined();
  expect(of(0)?.bitrateBps).toBe(1_000_000);
});
