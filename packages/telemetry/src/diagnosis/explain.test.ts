import { RefusalCode } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { rules } from './all-rules.ts';
import { diagnose } from './diagnose.ts';
import type { StreamSample } from './input.ts';
import { altered } from './testing/alter-samples.ts';
import type { Changes } from './testing/conditions-of-drive.ts';
import { faults, samplesOf } from './testing/runs.ts';
import { type Cause, stages, type Verdict } from './vocabulary.ts';

const stalled = { cameraShare: 0 } satisfies Changes;
const watching = { isDriving: false } satisfies Changes;
const held = { workerHeldMs: 250 } satisfies Changes;
const thinUplink = { uplink: { capacityBps: 1_000_000 } } satisfies Changes;
const stale = { [`browser.control.refused.${RefusalCode.StalePicture}`]: 50 };

function run(changes: Changes, seed = 1, samples = 15): StreamSample[] {
  return samplesOf({ seed, samples, faults: [{ from: 5, changes }] });
}

function verdictOf(...streams: (readonly StreamSample[])[]): Verdict {
  return diagnose({ streams: streams.map((samples, streamId) => ({ streamId, samples })) });
}

function namesOf({ findings }: Verdict): Cause[] {
  return findings.map(({ cause }) => cause);
}

describe('what explains what', () => {
  const explained = new Map(rules.map(({ cause, explains }) => [cause, explains]));
  const reach = (cause: Cause): Cause[] =>
    (explained.get(cause) ?? []).flatMap((effect) => [effect, ...reach(effect)]);

  it('D6 has no circle, and names only faults that have a rule', () => {
    for (const { cause } of rules) {
      const effects = reach(cause);
      expect(effects).not.toContain(cause);
      expect(effects.filter((effect) => !explained.has(effect))).toEqual([]);
    }
  });

  it('D6 each fault has one rule, and the rules stand in the order of the way', () => {
    expect(new Set(explained.keys()).size).toBe(rules.length);
    const order = rules.map(({ stage }) => stages.indexOf(stage));
    expect(order).toEqual(order.toSorted((one, other) => one - other));
  });
});

describe('causes and consequences', () => {
  it('D6 a held worker explains what both legs and the commands suffer', () => {
    const { findings, consequences } = verdictOf(run(held, 1, 30));
    expect(findings.map(({ cause }) => cause)).toEqual(['workerHeld']);
    const causes = consequences.map(({ cause }) => cause);
    expect(causes).toEqual(
      expect.arrayContaining(['uplinkQueue', 'downlinkRate', 'downlinkQueue', 'controlLate']),
    );
    expect(consequences.every(({ explainedBy }) => explainedBy === 'workerHeld')).toBe(true);
  });

  it('D6 a starved browser explains the network that looks thin because of it', () => {
    const { findings, consequences } = verdictOf(run({ browserStarvedShare: 0.93 }));
    expect(findings.map(({ cause }) => cause)).toEqual(['decoderStarved']);
    expect(consequences.map(({ cause }) => cause)).toContain('downlinkRate');
  });

  it('D6 a consequence names the root, also at two removes', () => {
    const queued = altered(
      run(thinUplink),
      {
        'machine.uplink.queueDelayMs': 150,
        ...stale,
      },
      5,
    );
    const { consequences } = verdictOf(queued);
    expect(consequences.map(({ cause, explainedBy }) => [cause, explainedBy])).toEqual([
      ['uplinkQueue', 'uplinkRate'],
      ['controlRefused', 'uplinkRate'],
    ]);
  });

  it('D6 what happened at another time does not follow', () => {
    const samples = samplesOf({
      seed: 1,
      samples: 30,
      faults: [{ from: 2, until: 5, changes: stalled }],
    });
    const soon = altered(samples, stale, 5, 9);
    const late = altered(samples, stale, 20, 24);
    const before = altered(
      samplesOf({ seed: 1, samples: 30, faults: [{ from: 20, until: 25, changes: stalled }] }),
      stale,
      8,
      14,
    );
    expect(namesOf(verdictOf(soon))).toEqual(['cameraStalled']);
    expect(verdictOf(soon).consequences.map(({ cause }) => cause)).toContain('controlRefused');
    expect(namesOf(verdictOf(late))).toEqual(['cameraStalled', 'controlRefused']);
    expect(namesOf(verdictOf(before))).toContain('controlRefused');
  });

  it.each([
    { what: 'one of two samples within 3 s before', from: 8, causes: ['cameraStalled'] },
    { what: 'both earlier', from: 7, causes: ['cameraStalled', 'controlRefused'] },
    { what: 'one of two samples within 10 s after', from: 17, causes: ['cameraStalled'] },
    { what: 'both later', from: 18, causes: ['cameraStalled', 'controlRefused'] },
  ])('D6 near is 3 s before and 10 s after: $what', ({ from, causes }) => {
    const begun = [{ from: 10, until: 13, changes: stalled }];
    const samples = samplesOf({ seed: 1, samples: 30, base: watching, faults: begun });
    const clean = altered(samples, { 'browser.control.refused': {} });
    expect(namesOf(verdictOf(altered(clean, stale, from, from + 2)))).toEqual(causes);
  });

  it('D6 a small fault does not explain a great one', () => {
    const strong = altered(
      run(thinUplink),
      {
        'machine.encoder.targetBitrateBps': 100_000,
        'machine.encoder.actualBitrateBps': 100_000,
        'server.worker.eventLoopDelayP99Ms': 62,
      },
      5,
    );
    expect(namesOf(verdictOf(strong))).toEqual(['uplinkRate', 'workerHeld']);
  });

  it('D4 what a finding brings about is no remark', () => {
    const samples = altered(
      run(held),
      { 'browser.stats.jitterBuffer': 240, 'browser.stats.jitterBufferTarget': 240 },
      7,
      8,
    );
    expect(verdictOf(samples).remarks.map(({ cause }) => cause)).not.toContain('bufferCreep');
  });
});

describe('rank', () => {
  it.each<[string, Changes, Cause[]]>([
    ['camera before uplink', { ...stalled, ...thinUplink }, ['cameraStalled']],
    [
      'uplink before a hidden page',
      { ...thinUplink, hiddenShare: 1 },
      ['uplinkRate', 'pageHidden'],
    ],
    [
      'encoder before decoder',
      { encodeMs: 70, decodeMs: 90 },
      ['encoderOverloaded', 'decoderStarved'],
    ],
    ['worker before decoder', { ...held, decodeMs: 70 }, ['workerHeld', 'decoderStarved']],
    [
      'both legs, the uplink first',
      {
        uplink: { lossShare: 0.05, isRepaired: false },
        downlink: { lossShare: 0.05, isRepaired: false },
      },
      ['uplinkLoss', 'downlinkLoss'],
    ],
    [
      'decoder before commands',
      { decodeMs: 90, control: 'lostBeforeServer' },
      ['decoderStarved', 'controlBlocked'],
    ],
  ])('D7 of faults as severe the first on the way leads: %s', (_, changes, causes) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(namesOf(verdictOf(run(changes, seed))).slice(0, causes.length)).toEqual(causes);
    }
  });

  it.each<[string, Changes, Cause[]]>([
    [
      'a hidden page before loss that repair bears',
      { uplink: { lossShare: 0.1 }, hiddenShare: 1 },
      ['pageHidden', 'uplinkLoss'],
    ],
    [
      'a stalled decoder before a camera somewhat slow',
      { cameraShare: 0.8, decodeMs: 200 },
      ['decoderStarved', 'cameraSlow'],
    ],
    [
      'blocked commands before a buffer somewhat long',
      { heldMs: 60, control: 'lostBeforeServer' },
      ['controlBlocked', 'bufferCreep'],
    ],
  ])('D7 a severe fault leads a slight one: %s', (_, changes, causes) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(namesOf(verdictOf(run(changes, seed))).slice(0, causes.length)).toEqual(causes);
    }
  });

  it('D7 of any two faults one of the two leads, whichever began first', () => {
    const pairs = faults.flatMap((one) =>
      faults.filter((other) => other.cause !== one.cause).map((other) => [one, other] as const),
    );
    for (const [one, other] of pairs) {
      const begun = [one, other].map(({ changes }, at) => ({ from: 5 + 4 * at, changes }));
      const verdict = verdictOf(samplesOf({ seed: 1, samples: 20, faults: begun }));
      const names = `${one.name} and ${other.name}`;
      expect([one.cause, other.cause], names).toContain(verdict.findings[0]?.cause);
    }
  });

  it('D13 a second fault as severe, few samples and unknown stages lower the confidence', () => {
    const alone = verdictOf(run(stalled)).confidence;
    const rival = verdictOf(run({ ...thinUplink, hiddenShare: 1 })).confidence;
    const short = verdictOf(samplesOf({ seed: 1, samples: 3, base: stalled })).confidence;
    const blind = altered(run({ hiddenShare: 1 }), { machine: undefined, server: undefined });
    expect([alone, rival, short]).toEqual([0.95, 0.76, 0.81]);
    expect(verdictOf(blind).stage).toBe('rendering');
    // Camera, encoder, uplink and server are before it and not known.
    expect(verdictOf(blind).confidence).toBe(0.5);
  });

  it('D13 health is as sure as the way is known', () => {
    const samples = samplesOf({ seed: 1, samples: 15 });
    expect(verdictOf(samples)).toMatchObject({ stage: 'healthy', confidence: 0.95 });
    const half = altered(samples, { machine: undefined, server: undefined });
    expect(verdictOf(half)).toMatchObject({ stage: 'healthy', confidence: 0.48 });
    expect(verdictOf([])).toMatchObject({ stage: 'healthy', confidence: 0 });
    expect(diagnose({ streams: [] })).toMatchObject({ stage: 'healthy', confidence: 0 });
  });
});

describe('several streams', () => {
  it('D8 a fault that all of them show is one finding', () => {
    const { findings } = verdictOf(run(thinUplink, 1), run(thinUplink, 2), run(thinUplink, 3));
    expect(findings).toMatchObject([{ cause: 'uplinkRate', streamIds: [0, 1, 2] }]);
  });

  it('D8 a fault of one is told with its stream, the others do not hide it', () => {
    const { stage, findings } = verdictOf(run({}), run(stalled, 2), run({}, 3));
    expect(stage).toBe('camera');
    expect(findings).toMatchObject([{ cause: 'cameraStalled', streamIds: [1] }]);
  });

  it('D8 the camera of one stream is no reason for a leg that the others lack, too', () => {
    const queue = { 'machine.uplink.queueDelayMs': 150 };
    const busy = altered(run({ encodeMs: 70 }), queue, 5);
    expect(verdictOf(busy).consequences).toMatchObject([{ cause: 'uplinkQueue' }]);
    const other = altered(run({}, 2), queue, 5);
    expect(namesOf(verdictOf(busy, other))).toEqual(['encoderOverloaded', 'uplinkQueue']);
  });

  it('D8 commands suffer from the picture of any stream', () => {
    const { findings, consequences } = verdictOf(
      altered(run(stalled), stale, 6),
      altered(run({}, 2), stale, 6),
    );
    expect(findings.map(({ cause }) => cause)).toEqual(['cameraStalled']);
    expect(consequences).toMatchObject([{ cause: 'controlRefused', streamIds: [0, 1] }]);
  });
});

it('D6 a machine that stays stopped for long follows from what stopped it', () => {
  const faults = [{ from: 2, until: 5, changes: stalled }];
  const { findings, consequences } = verdictOf(samplesOf({ seed: 1, samples: 30, faults }));
  expect(findings.map(({ cause }) => cause)).toEqual(['cameraStalled']);
  expect(consequences.map(({ cause }) => cause)).toContain('notArmed');
});
