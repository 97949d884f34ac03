import { describe, expect, it } from 'vitest';
import { CaptureMeter } from './capture-meter.ts';
import { DurationMeter } from './duration-meter.ts';
import { EncodeMeter } from './encode-meter.ts';
import { OutageMeter } from './outage-meter.ts';
import { Period } from './period.ts';
import { SendMeter } from './send-meter.ts';
import { StreamMeter } from './stream-meter.ts';

const secondUs = 1_000_000;
const noLeftOut = { forRate: 0, forHold: 0 };
const x264 = { name: 'libx264', size: { width: 640, height: 360 }, leftOut: noLeftOut };

describe('DurationMeter', () => {
  it('gives mean and 95th percentile of a period, and begins anew', () => {
    const meter = new DurationMeter();
    for (let ms = 1; ms <= 100; ms++) meter.handle(ms * 1000);
    expect(meter.take()).toEqual({ meanMs: 50.5, p95Ms: 95 });
    expect(meter.take()).toEqual({});
    meter.handle(7000);
    expect(meter.take()).toEqual({ meanMs: 7, p95Ms: 7 });
  });

  it('takes the percentile of the newest ones when there are more than it keeps', () => {
    const meter = new DurationMeter();
    for (let i = 0; i < 1000; i++) meter.handle(1000);
    for (let i = 0; i < 256; i++) meter.handle(9000);
    const { meanMs, p95Ms } = meter.take();
    expect(p95Ms).toBe(9);
    expect(meanMs).toBeCloseTo((1000 + 256 * 9) / 1256, 6);
  });
});

describe('CaptureMeter', () => {
  it('counts pictures, the time to prepare them, and those that were missed or left out', () => {
    const meter = new CaptureMeter();
    meter.start(10 * secondUs, { missedPictures: 40, leftOutPictures: 7 });
    for (let i = 1; i <= 60; i++) meter.handlePicture(10 * secondUs + i * 33_000, 2000);
    const facts = { missedPictures: 43, leftOutPictures: 7 };
    expect(meter.take(12 * secondUs, 30, facts)).toEqual({
      ...{ targetFps: 30, fps: 30, longestGapMs: 33 },
      ...{ preparationMeanMs: 2, preparationP95Ms: 2, missedPictures: 3, leftOutPictures: 0 },
    });
  });

  it('shows a stalled camera by a gap that grows over the periods, also before its first picture', () => {
    const meter = new CaptureMeter();
    meter.start(0, {});
    const stalled = (atS: number) => meter.take(atS * secondUs, 30, {});
    expect(stalled(2)).toEqual({ targetFps: 30, fps: 0, longestGapMs: 2000 });
    expect(stalled(4)).toMatchObject({ fps: 0, longestGapMs: 4000 });
    meter.handlePicture(5 * secondUs, 1000);
    meter.handlePicture(5 * secondUs + 500_000, 1000);
    expect(stalled(6)).toMatchObject({ fps: 1, longestGapMs: 5000 });
    expect(stalled(8)).toMatchObject({ fps: 0, longestGapMs: 2500 });
  });

  it('says nothing of an input that does not run, and forgets what was before its next start', () => {
    const meter = new CaptureMeter();
    expect(meter.take(secondUs, 30, {})).toBeUndefined();
    meter.start(secondUs, {});
    meter.handlePicture(secondUs + 1000, 5000);
    meter.stop();
    expect(meter.take(2 * secondUs, 30, {})).toBeUndefined();
    meter.start(9 * secondUs, {});
    meter.handlePicture(9 * secondUs + 10_000, 1000);
    const stats = meter.take(10 * secondUs, 30, {});
    expect(stats).toMatchObject({ fps: 1, longestGapMs: 990, preparationMeanMs: 1 });
  });
});

describe('EncodeMeter', () => {
  it('counts pictures, bytes, key frames and time, over its own time since it began', () => {
    const meter = new EncodeMeter();
    meter.handleEncoded({ bytes: 99_999, key: true, isTaken: true, tookUs: 90_000 });
    meter.start(5 * secondUs, { leftOut: { forRate: 5, forHold: 5 } });
    for (let i = 0; i < 30; i++) {
      meter.handleEncoded({ bytes: 5000, key: i === 0, isTaken: i !== 3, tookUs: 4000 });
    }
    const facts = { ...x264, leftOut: { forRate: 5, forHold: 9 } };
    expect(meter.take(6 * secondUs, facts)).toEqual({
      ...{ encoder: 'libx264', width: 640, height: 360, fps: 30, meanMs: 4, p95Ms: 4 },
      ...{ bitrateBps: 1_200_000, keyFrames: 1, untakenPictures: 1 },
      ...{ leftOutForRate: 0, leftOutForHold: 4 },
    });
    expect(meter.take(8 * secondUs, facts)).toMatchObject({ fps: 0, keyFrames: 0, bitrateBps: 0 });
  });
});

describe('Period', () => {
  it('makes no wild rate of what happens right after its beginning', () => {
    const period = new Period(0);
    period.end(1000);
    expect([period.lengthMs, period.perSecond(1)]).toEqual([1, 10]);
    period.end(2_001_000);
    expect([period.lengthMs, period.perSecond(60)]).toEqual([2000, 30]);
  });
});

describe('StreamMeter', () => {
  it('gives the two encodings of one picture their own time, and one that runs no figure of the other', () => {
    const meter = new StreamMeter();
    meter.startInput(0, {});
    meter.startEncoding(0, { encoding: 'main', facts: x264 });
    meter.startEncoding(0, { encoding: 'small', facts: x264 });
    const picture = { bytes: 1000, key: false, isTaken: true };
    for (let atUs = 100_000; atUs <= secondUs; atUs += 100_000) {
      meter.handlePicture(atUs - 2000, atUs);
      meter.beginEncoding(atUs);
      meter.handleEncoded('main', picture, atUs + 5000);
      meter.beginEncoding(atUs + 5000);
      meter.handleEncoded('small', picture, atUs + 6000);
    }
    const facts = { streamId: 2, targetFps: 10, input: {} };
    const both = (['main', 'small'] as const).map((encoding) => ({ encoding, facts: x264 }));
    expect(meter.take(secondUs, { ...facts, encodings: both })).toMatchObject({
      streamId: 2,
      capture: { fps: 10, preparationMeanMs: 2 },
      encodings: [
        { encoding: 'main', encode: { fps: 10, meanMs: 5 } },
        { encoding: 'small', encode: { fps: 10, meanMs: 1 } },
      ],
    });
    meter.stopInput();
    const rest = meter.take(2 * secondUs, { ...facts, encodings: [] });
    expect(rest).toEqual({ streamId: 2, encodings: [] });
  });

  it('gives what comes encoded no time', () => {
    const meter = new StreamMeter();
    const forwarded = { name: 'forwarded', leftOut: noLeftOut };
    meter.startInput(0, {});
    meter.startEncoding(0, { encoding: 'main', facts: forwarded });
    meter.handleEncoded('main', { bytes: 500, key: true, isTaken: true }, 1000);
    const { encodings } = meter.take(secondUs, {
      ...{ streamId: 0, targetFps: 25, input: {} },
      encodings: [{ encoding: 'main', facts: forwarded }],
    });
    expect(encodings[0]?.encode).toEqual({
      ...{ encoder: 'forwarded', fps: 1, bitrateBps: 4000, keyFrames: 1, untakenPictures: 0 },
      ...{ leftOutForRate: 0, leftOutForHold: 0 },
    });
  });
});

describe('SendMeter', () => {
  it('counts what left, how late, and what the other side says of it', () => {
    const meter = new SendMeter(0);
    meter.handleDropped();
    for (let i = 0; i < 60; i++) {
      meter.handlePicture();
      meter.handlePacket(1250);
      meter.handleSent(i < 54 ? 300 : 12_000);
    }
    meter.handleReception({ lostPct: 25, jitterMs: 3.21, rttMs: 40.06 });
    expect(meter.take(2 * secondUs, { repeated: 12, parityRatio: 0.25 })).toEqual({
      ...{ fps: 30, meanMs: 1.47, p95Ms: 12, bitrateBps: 300_000, droppedPictures: 1 },
      ...{ repeatedPackets: 12, parityRatio: 0.25, lossShare: 0.25 },
      ...{ jitterMs: 3.2, roundTripMs: 40.1 },
    });
    const quiet = meter.take(4 * secondUs, { repeated: 12, parityRatio: 0 });
    // What the other side said before is not said again.
    expect(quiet).toEqual({
      ...{ fps: 0, bitrateBps: 0, droppedPictures: 0, repeatedPackets: 0, parityRatio: 0 },
    });
  });

  it('counts from where somebody began to watch', () => {
    const meter = new SendMeter(0);
    meter.handlePicture();
    meter.start(10 * secondUs);
    for (let i = 0; i < 15; i++) meter.handlePicture();
    const stats = meter.take(10 * secondUs + 500_000, { repeated: 0, parityRatio: 0 });
    expect(stats.fps).toBe(30);
  });
});

describe('OutageMeter', () => {
  it('adds up the time in which nothing gets through, over the ends of periods', () => {
    const meter = new OutageMeter(0);
    meter.set('silence', true, 1_800_000);
    expect(meter.take(2 * secondUs)).toBe(200_000);
    meter.set('silence', false, 2_300_000);
    expect(meter.take(4 * secondUs)).toBe(300_000);
    expect(meter.take(6 * secondUs)).toBe(0);
  });

  it('counts two causes at the same time once', () => {
    const meter = new OutageMeter(0);
    meter.set('silence', true, 100_000);
    meter.set('connection', true, 200_000);
    meter.set('silence', false, 300_000);
    meter.set('connection', false, 400_000);
    expect(meter.take(secondUs)).toBe(300_000);
  });
});
