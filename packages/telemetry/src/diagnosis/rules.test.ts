import { RefusalCode } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import type { StreamInput, StreamSample } from './input.ts';
import { altered } from './testing/alter-samples.ts';
import type { Changes } from './testing/conditions-of-drive.ts';
import { samplesOf } from './testing/runs.ts';
import type { Cause, Verdict } from './vocabulary.ts';

const driven = (base: Changes = {}, samples = 15) => samplesOf({ seed: 3, samples, base });
const verdictOf = (samples: readonly StreamSample[], others: Partial<StreamInput> = {}): Verdict =>
  diagnose({ streams: [{ streamId: 0, samples, ...others }] });
const causesOf = (samples: readonly StreamSample[], others: Partial<StreamInput> = {}): Cause[] =>
  verdictOf(samples, others).findings.map(({ cause }) => cause);

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

describe('D1 the legs', () => {
  it('D5 an uplink that is gone for 400 ms every 10 s is out again and again', () => {
    const faults = [4, 9, 14, 19, 24, 29].map((from) => ({
      from,
      until: from + 1,
      changes: { uplink: { outageShare: 0.2 } },
    }));
    const verdict = verdictOf(samplesOf({ seed: 1, samples: 30, faults }));
    expect(verdict.findings.map(({ cause }) => cause)).toEqual(['uplinkOutage']);
    expect(verdict.consequences).toMatchObject([
      { cause: 'uplinkLoss', explainedBy: 'uplinkOutage' },
    ]);
    // Twice in half a minute is an accident.
    expect(causesOf(samplesOf({ seed: 1, samples: 15, faults: faults.slice(0, 2) }))).toEqual([]);
  });

  it('D1 a lost connection is named when no pictures pass', () => {
    const silent = altered(driven(), { ...nothing.received, ...nothing.arrived }, 13);
    expect(causesOf(silent, { fieldMedia: 'failed' })).toEqual(['uplinkOutage']);
    const unseen = altered(driven(), nothing.arrived, 13);
    expect(causesOf(unseen, { remoteMedia: 'reconnecting' })).toEqual(['downlinkOutage']);
    expect(causesOf(driven(), { fieldMedia: 'reconnecting', remoteMedia: 'failed' })).toEqual([]);
  });

  it('D14 where the trail ends, the leg before is named, with little confidence', () => {
    const ends = altered(
      driven(),
      { machine: undefined, ...nothing.received, ...nothing.arrived },
      5,
    );
    expect(verdictOf(ends)).toMatchObject({
      stage: 'uplink',
      findings: [{ cause: 'uplinkOutage' }],
    });
    const alone = altered(
      driven(),
      { machine: undefined, server: undefined, ...nothing.arrived },
      5,
    );
    const verdict = verdictOf(alone);
    expect(verdict.findings).toMatchObject([{ cause: 'downlinkOutage' }]);
    expect(verdict.confidence).toBeLessThan(0.6);
    const never = altered(driven(), { machine: undefined, server: undefined, ...nothing.arrived });
    expect(causesOf(never)).toEqual([]);
  });

  it.each([
    ['machine.uplink.queueDelayMs', 'uplinkQueue'],
    ['machine.encoder.encodedToSentMs', 'uplinkQueue'],
    ['server.viewer.queueDelayMs', 'downlinkQueue'],
  ])('D1 %s of 150 ms, and nothing else: %s', (path, cause) => {
    const { findings } = verdictOf(altered(driven(), { [path]: 150 }, 5));
    expect(findings.map((finding) => finding.cause)).toEqual([cause]);
    expect(findings[0]?.evidence).toContainEqual({
      figure: path,
      value: 150,
      unit: 'ms',
      limit: 80,
    });
  });
});

describe('D12 whose rate', () => {
  const limited = {
    'machine.encoder.targetBitrateBps': 800_000,
    'machine.encoder.actualBitrateBps': 780_000,
  };

  it.each([
    { name: 'the uplink', uplink: 1e6, viewers: 4e6, causes: ['uplinkRate'] },
    { name: 'the viewers', uplink: 4e6, viewers: 9e5, causes: ['downlinkRate'] },
    { name: 'nobody: both carry enough', uplink: 9e6, viewers: 9e6, causes: [] },
    { name: 'the uplink alone is known', uplink: 1e6, causes: ['uplinkRate'] },
    { name: 'the viewers alone are known', viewers: 9e5, causes: ['downlinkRate'] },
    { name: 'nothing is known', causes: [] },
  ])('D12 $name', ({ uplink, viewers, causes }) => {
    const samples = altered(driven(), {
      ...limited,
      'machine.uplink.estimateBps': uplink,
      'machine.uplink.viewerLimitBps': viewers,
      'server.viewer.estimateBps': viewers,
    });
    expect(causesOf(samples)).toEqual(causes);
  });

  it('D12 repair on the uplink takes its share', () => {
    const both = { 'machine.uplink.estimateBps': 1.6e6, 'machine.uplink.viewerLimitBps': 1e6 };
    const repaired = { ...limited, ...both, 'machine.uplink.repairShare': 1.2 };
    expect(causesOf(altered(driven(), repaired))).toEqual(['uplinkRate']);
    expect(causesOf(altered(driven(), { ...repaired, 'machine.uplink.repairShare': 0 }))).toEqual([
      'downlinkRate',
    ]);
  });

  it('D12 a guest whose own link is good sees what the master can take', () => {
    const master = { ...limited, 'machine.uplink.viewerLimitBps': 900_000 };
    const samples = altered(driven({ permission: 'guest', isDriving: false }), master);
    expect(causesOf(samples)).toEqual(['masterRate']);
    const own = altered(samples, { 'server.viewer.estimateBps': 1_100_000 });
    expect(causesOf(own)).toEqual(['downlinkRate']);
  });

  it('D12 a guest with the small encoding has a thin link', () => {
    const guest = driven({ permission: 'guest', isDriving: false, encoding: 'small' });
    expect(causesOf(guest)).toEqual(['downlinkRate']);
  });

  it('D12 a low rate that the encoder does not use holds nothing down', () => {
    const rate = { 'machine.uplink.estimateBps': 1e6, 'machine.uplink.viewerLimitBps': 4e6 };
    const unused = { ...limited, ...rate, 'machine.encoder.actualBitrateBps': 300_000 };
    expect(causesOf(altered(driven(), unused))).toEqual([]);
    expect(causesOf(altered(driven(), { ...limited, ...rate }))).toEqual(['uplinkRate']);
  });

  it('D12 a rate that rises from the beginning is a start, unless a queue stands or it does not arrive', () => {
    const rising = (until: number, queueMs: number) =>
      driven().map((sample, slot) =>
        slot >= until
          ? sample
          : (altered([sample], {
              'machine.encoder.targetBitrateBps': 600_000 + 200_000 * slot,
              'machine.encoder.actualBitrateBps': 600_000 + 200_000 * slot,
              'machine.uplink.estimateBps': 800_000 + 250_000 * slot,
              'machine.uplink.queueDelayMs': queueMs,
            })[0] as StreamSample),
      );
    expect(causesOf(rising(4, 3))).toEqual([]);
    expect(causesOf(rising(4, 35))).toEqual(['uplinkRate']);
    expect(causesOf(rising(6, 3))).toEqual(['uplinkRate']);
  });
});

describe('D11 loss', () => {
  it.each([
    ['machine.uplink.lossShare', 'uplinkLoss'],
    ['server.viewer.lossShare', 'downlinkLoss'],
  ])('D11 %s: hidden, seen as a strain, taken for overflow', (path, cause) => {
    const hidden = verdictOf(altered(driven(), { [path]: 0.07 }));
    expect(hidden).toMatchObject({ stage: 'healthy', remarks: [{ cause, reason: 'noEffect' }] });
    expect(verdictOf(altered(driven(), { [path]: 0.09 })).findings).toMatchObject([
      { cause, severity: 0.31 },
    ]);
    const queue = path.replace('lossShare', 'queueDelayMs');
    expect(causesOf(altered(driven(), { [path]: 0.09, [queue]: 50 }))).toEqual([]);
  });

  it('D11 packets that were given up are blamed from little loss on', () => {
    const lost = { 'machine.uplink.lossShare': 0.02, 'server.stream.packetsGivenUp': 8 };
    expect(causesOf(altered(driven(), lost))).toEqual(['uplinkLoss']);
    expect(causesOf(altered(driven(), { ...lost, 'server.stream.packetsGivenUp': 1 }))).toEqual([]);
  });

  it('D11 what the browser misses is not put down to its leg when the uplink gave it up', () => {
    const seen = {
      'server.viewer.lossShare': undefined,
      'browser.stats.lost': 9,
      'machine.uplink.lossShare': 0.09,
      'server.stream.packetsGivenUp': 50,
    };
    expect(verdictOf(altered(driven(), seen)).stage).toBe('uplink');
    const own = { ...seen, 'machine.uplink.lossShare': 0, 'server.stream.packetsGivenUp': 0 };
    expect(verdictOf(altered(driven(), own)).stage).toBe('downlink');
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
    expect(confidence).toBeLessThan(0.5);
  });
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
