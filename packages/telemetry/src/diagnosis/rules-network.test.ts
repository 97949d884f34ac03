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

/** Nothing comes out of these legs. */
const nothing = {
  received: { 'server.stream.receivedFps': 0 },
  arrived: {
    'browser.stats.framesReceivedDelta': 0,
    'browser.stats.framesDecodedDelta': 0,
    'browser.presentedFps': 0,
  },
};

describe('D1 the legs', () => {
  it('D5 an uplink that is gone for 400 ms every 10 s is out again and again', () => {
    const faults = [4, 9, 14, 19, 24, 29].map((from) => ({
      from,
      until: from + 1,
      changes: { uplink: { outageShare: 0.2 } },
    }));
    const verdict = verdictOf(samplesOf({ seed: 1, samples: 30, faults }));
    expect(verdict.findings.map(({ cause }) => cause)).toEqual(['uplinkOutage']);
    expect(verdict.consequences).toEqual([]);
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

  it('D1 pictures that are missing behind a queue wait in it: there is no outage', () => {
    const missing = { 'server.stream.receivedFps': 20, 'browser.stats.framesReceivedDelta': 40 };
    const gone = { ...missing, 'browser.stats.framesDecodedDelta': 40, 'browser.presentedFps': 20 };
    const behind = (queueMs: number) =>
      causesOf(altered(driven(), { ...gone, 'machine.uplink.queueDelayMs': queueMs }));
    expect(behind(79)).toContain('uplinkOutage');
    expect(behind(81)).toEqual(['uplinkQueue']);
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

  it('D11 from 1 % on it is worth a word', () => {
    const remarksAt = (lossShare: number) =>
      verdictOf(altered(driven(), { 'machine.uplink.lossShare': lossShare })).remarks.length;
    expect([remarksAt(0.009), remarksAt(0.011)]).toEqual([0, 1]);
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
