import { RefusalCode } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import type { StreamSample } from './input.ts';
import { altered } from './testing/alter-samples.ts';
import type { Changes } from './testing/conditions-of-drive.ts';
import { samplesOf } from './testing/runs.ts';
import type { Cause, Verdict } from './vocabulary.ts';

const driven = (base: Changes = {}, samples = 15) => samplesOf({ seed: 3, samples, base });
const verdictOf = (samples: readonly StreamSample[]): Verdict =>
  diagnose({ streams: [{ streamId: 0, samples }] });
const causesOf = (samples: readonly StreamSample[]): Cause[] =>
  verdictOf(samples).findings.map(({ cause }) => cause);

/** Nothing comes out of these stages. */
const nothing = {
  encoded: { 'machine.encoder.encodedFps': 0 },
  received: { 'server.stream.receivedFps': 0 },
  arrived: {
    'browser.stats.framesReceivedDelta': 0,
    'browser.stats.framesDecodedDelta': 0,
    'browser.presentedFps': 0,
  },
};

describe('D1 camera and encoder', () => {
  it('D1 a camera at two thirds of its rate is slow', () => {
    expect(verdictOf(driven({ cameraShare: 0.66 }))).toMatchObject({
      stage: 'camera',
      findings: [{ cause: 'cameraSlow', evidence: [{ figure: 'machine.camera.capturedFps' }, {}] }],
      consequences: [],
    });
  });

  it('D1 a camera that nobody asks for pictures does not stand still', () => {
    const idle = { 'machine.camera.expectedFps': 0, 'machine.camera.capturedFps': 0 };
    const samples = altered(driven(), {
      ...idle,
      ...nothing.encoded,
      ...nothing.received,
      'machine.camera.longestGapMs': 20_000,
      'browser.stats': undefined,
      'browser.presentedFps': undefined,
    });
    expect(causesOf(samples)).toEqual([]);
  });

  it('D1 a camera for two pictures a second may take half a second', () => {
    expect(causesOf(driven({ fps: 2, configuredBps: 100_000, minimumBps: 50_000 }))).toEqual([]);
  });

  it('D1 an encoder that gives nothing is silent', () => {
    const samples = altered(
      driven(),
      { ...nothing.encoded, ...nothing.received, ...nothing.arrived },
      5,
    );
    expect(causesOf(samples)).toEqual(['encoderSilent']);
  });

  it('D3 an encoder that may leave pictures out on purpose is not blamed for missing ones', () => {
    const samples = altered(driven(), {
      'machine.encoder.encodedFps': 15,
      'machine.encoder.picturesLeftOut': undefined,
      'server.stream.receivedFps': 15,
      'browser.stats.framesReceivedDelta': 30,
      'browser.stats.framesDecodedDelta': 30,
      'browser.presentedFps': 15,
    });
    expect(causesOf(samples)).toEqual([]);
  });
});

describe('D1 the browser', () => {
  it.each([
    { name: 'creep', jitter: 0.002, held: 46, causes: ['bufferCreep'] },
    { name: 'no creep yet', jitter: 0.002, held: 44, causes: [] },
    { name: 'jitter', jitter: 0.012, held: 60, causes: ['bufferForJitter'] },
    { name: 'repeats over a long way', jitter: 0.002, held: 60, nack: 9, rtt: 120, causes: [] },
    { name: 'a target that is not obeyed', jitter: 0.002, held: 200, buffer: 10, causes: [] },
    { name: 'waiting for what is missing', jitter: 0.002, held: 10, buffer: 200, causes: [] },
  ])('D1 jitter buffer: $name', ({ jitter, held, buffer = held, nack = 0, rtt = 15, causes }) => {
    const samples = altered(driven(), {
      'browser.stats.jitter': jitter,
      'browser.stats.jitterBuffer': buffer,
      'browser.stats.jitterBufferTarget': held,
      'browser.stats.nackDelta': nack,
      'browser.stats.rtt': rtt,
    });
    expect(causesOf(samples)).toEqual(causes);
  });

  it('D1 a decoder that takes three pictures at a time in hardware is not starved', () => {
    const slow = (decodeTimeMs: number) =>
      causesOf(altered(driven(), { 'browser.stats.decodeTime': decodeTimeMs }));
    expect(slow(100)).toEqual([]);
    expect(slow(160)).toEqual(['decoderStarved']);
  });

  it('D1 a decoder that waits for a key frame is silent, and follows from loss', () => {
    const silent = { 'browser.stats.framesDecodedDelta': 0, 'browser.presentedFps': 0 };
    expect(causesOf(altered(driven(), silent, 5))).toEqual(['decoderSilent']);
    const lossy = altered(driven(), { ...silent, 'server.viewer.lossShare': 0.3 }, 5);
    const { findings, consequences } = verdictOf(lossy);
    expect(findings[0]?.cause).toBe('downlinkLoss');
    expect(consequences).toMatchObject([{ cause: 'decoderSilent', explainedBy: 'downlinkLoss' }]);
  });

  it('D1 a page whose main thread is kept is busy, decoded pictures off the screen are not presented', () => {
    expect(causesOf(driven({ pageStallMs: 700 }))).toEqual(['pageBusy']);
    expect(causesOf(altered(driven(), { 'browser.presentedFps': 20 }))).toEqual(['notPresented']);
    expect(causesOf(altered(driven(), { 'browser.presentedFps': 28 }))).toEqual([]);
  });

  it('D1 of a hidden page nothing else is said', () => {
    const hidden = altered(driven({ hiddenShare: 1 }), {
      'browser.stats.framesDecodedDelta': 0,
      'browser.stats.decodeTime': 900,
      'browser.longestPageStallMs': 1000,
      'browser.longestWorkerStallMs': 1000,
    });
    expect(verdictOf(hidden)).toMatchObject({
      stage: 'rendering',
      findings: [{ cause: 'pageHidden' }],
    });
    expect(causesOf(hidden)).toHaveLength(1);
  });

  it('D4 a picture that stood still without a reason is a remark, and lowers the confidence', () => {
    const { stage, remarks, confidence } = verdictOf(
      altered(driven(), { 'browser.stats.lag150': 8 }),
    );
    expect(stage).toBe('healthy');
    expect(remarks.map(({ cause }) => cause)).toEqual(['frozen']);
    expect(confidence).toBe(0.48);
  });
});

it('D4 clocks that are known badly are a remark', () => {
  const remarksOf = (uncertaintyMs: number) =>
    verdictOf(altered(driven(), { 'browser.clockUncertaintyMs': uncertaintyMs })).remarks;
  expect(remarksOf(30)).toMatchObject([{ cause: 'clockUncertain', reason: 'noEffect' }]);
  expect(remarksOf(24)).toEqual([]);
});

describe('D1 permission and commands', () => {
  it.each([
    ['NotMaster', 'notMaster', 'permission'],
    ['OldEpoch', 'notMaster', 'permission'],
    ['NotArmed', 'notArmed', 'permission'],
    ['EmergencyStop', 'notArmed', 'permission'],
    ['Expired', 'controlLate', 'controlPath'],
    ['StalePicture', 'controlRefused', 'controlPath'],
    ['TooOften', 'controlRefused', 'controlPath'],
  ] as const)('D1 commands refused with %s: %s', (name, cause, stage) => {
    const path = `browser.control.refused.${RefusalCode[name]}`;
    const verdict = verdictOf(altered(driven(), { [path]: 40 }, 5));
    expect(verdict).toMatchObject({ stage, findings: [{ cause }] });
    const figure = `browser.control.refused.${name}`;
    const cited = { figure, value: 400, unit: 'commands', limit: 3 };
    expect(verdict.findings[0]?.evidence).toContainEqual(cited);
  });

  it('D1 commands that take 300 ms longer than both legs are late', () => {
    expect(causesOf(driven({ controlDelayMs: 300 }))).toEqual(['controlLate']);
    const later = [{ from: 8, changes: { controlDelayMs: 300 } }];
    expect(causesOf(samplesOf({ seed: 1, samples: 15, faults: later }))).toEqual(['controlLate']);
    const far = { roundTripMs: 150 };
    expect(causesOf(driven({ uplink: far, downlink: far }))).toEqual([]);
  });

  it('D3 without the round trips a long way is no late command', () => {
    const samples = altered(driven({ controlDelayMs: 300 }), {
      'machine.uplink.roundTripMs': undefined,
    });
    expect(causesOf(samples)).toEqual([]);
  });

  it('D1 a machine that is not armed need not release commands', () => {
    const idle = { 'machine.commandsReleased': 0, 'browser.control.roundTripMs': undefined };
    const stopped = altered(driven(), { ...idle, 'browser.control.guardMode': 'stopped' });
    expect(causesOf(stopped)).toEqual([]);
    const armed = altered(driven(), { ...idle, 'browser.control.guardMode': 'armed' });
    expect(causesOf(armed)).toEqual(['controlBlocked']);
  });
});
