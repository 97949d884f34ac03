import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalExtensionIds,
  canonicalHeaderBytes,
  createLeg,
  rewriteForLeg,
} from './canonical-layout.ts';
import { PacketBuilder } from './packet-builder.ts';
import { SendHistory } from './send-history.ts';
import { timestampDistance, unwrapSequence } from './sequence-number.ts';
import { StreamRewriter } from './stream-rewriter.ts';

const video = (firstSequence = 1_000) =>
  new StreamRewriter({ clockRate: 90_000, firstSequence, startsOnKeyFrame: true });

/** Sends one packet; gives the outgoing sequence, or undefined when it was dropped. */
function send(
  rewriter: StreamRewriter,
  source: number,
  sequence: number,
  options: { key?: boolean; timestamp?: number; nowUs?: number } = {},
): number | undefined {
  const { key = false, timestamp = 0, nowUs = 0 } = options;
  const outcome = rewriter.rewrite(source, sequence, timestamp, key, nowUs);
  return outcome === 'dropped' ? undefined : rewriter.sequence;
}

function started(source = 1, sequence = 50, timestamp = 0): StreamRewriter {
  const rewriter = video();
  rewriter.switchTo(source);
  send(rewriter, source, sequence, { key: true, timestamp });
  return rewriter;
}

describe('stream rewriter', () => {
  it('W1 sends nothing before a key frame start of the wanted source; sound begins at once', () => {
    const rewriter = video();
    expect(send(rewriter, 1, 49, { key: true })).toBeUndefined();
    rewriter.switchTo(1);
    expect(rewriter.waitingSource).toBe(1);
    expect(send(rewriter, 1, 50)).toBeUndefined();
    expect(send(rewriter, 2, 50, { key: true })).toBeUndefined();
    expect(rewriter.rewrite(1, 51, 0, true, 0)).toBe('switched');
    expect([rewriter.sequence, rewriter.activeSource]).toEqual([1_000, 1]);
    expect(rewriter.waitingSource).toBeUndefined();

    const sound = new StreamRewriter({
      clockRate: 48_000,
      firstSequence: 5,
      startsOnKeyFrame: false,
    });
    sound.switchTo(1);
    expect(send(sound, 1, 9)).toBe(5);
  });

  it('W2 lets losses, reordering and repeats show through', () => {
    const rewriter = started(1, 65_534);
    const sent = [65_535, 2, 1, 1, 0].map((sequence) => send(rewriter, 1, sequence));
    expect(sent).toEqual([1_001, 1_004, 1_003, 1_003, 1_002]);
  });

  it('W3 continues the present source until the wanted one can start; a new wish replaces it', () => {
    const rewriter = started();
    rewriter.switchTo(2);
    expect(send(rewriter, 1, 51)).toBe(1_001);
    expect(send(rewriter, 2, 700)).toBeUndefined();
    expect(rewriter.waitingSource).toBe(2);
    rewriter.switchTo(1);
    expect(rewriter.waitingSource).toBeUndefined();
    expect(send(rewriter, 2, 701, { key: true })).toBeUndefined();
    expect(send(rewriter, 1, 52)).toBe(1_002);
  });

  it('W4 numbers the new source on without a gap', () => {
    const rewriter = started();
    send(rewriter, 1, 53);
    rewriter.switchTo(2);
    expect(send(rewriter, 2, 9, { key: true })).toBe(1_004);
    expect(send(rewriter, 2, 10)).toBe(1_005);
  });

  it('W5 drops what is older than the switch, and lets late packets of the old source keep their number', () => {
    const rewriter = started();
    send(rewriter, 1, 53);
    rewriter.switchTo(2);
    send(rewriter, 2, 9, { key: true });
    expect(send(rewriter, 2, 8)).toBeUndefined();
    expect(send(rewriter, 1, 52)).toBe(1_002);
    expect(send(rewriter, 1, 54)).toBeUndefined();
    expect(send(rewriter, 1, 49)).toBeUndefined();
    expect(send(rewriter, 2, 10)).toBe(1_005);
    expect(send(rewriter, 1, 52, { nowUs: 2_000_001 })).toBeUndefined();
  });

  it('W6 does not switch at a late repeat of an old key frame', () => {
    const rewriter = started();
    rewriter.switchTo(2);
    send(rewriter, 2, 300);
    expect(rewriter.rewrite(2, 100, 0, true, 0)).toBe('dropped');
    expect(rewriter.rewrite(2, 101, 0, true, 0)).toBe('switched');
    rewriter.switchTo(1);
    expect(rewriter.rewrite(1, 50, 0, true, 0)).toBe('forwarded');
    expect(rewriter.activeSource).toBe(2);
    expect(rewriter.rewrite(1, 51, 0, true, 0)).toBe('switched');
  });

  it('W7 leaves timestamps of a shared clock alone, keeps a known offset, else continues by the time elapsed', () => {
    const rewriter = started(1, 50, 900_000);
    rewriter.switchTo(2);
    send(rewriter, 2, 9, { key: true, timestamp: 900_000 + 9_000, nowUs: 50_000 });
    expect([rewriter.timestamp, rewriter.timestampOffset]).toEqual([909_000, 0]);

    rewriter.switchTo(3); // another machine's clock
    send(rewriter, 3, 9, { key: true, timestamp: 4_000_000_000, nowUs: 150_000 });
    expect(rewriter.timestamp).toBe(918_000);
    expect((4_000_000_000 + rewriter.timestampOffset) >>> 0).toBe(918_000);
    const offset = rewriter.timestampOffset;

    rewriter.switchTo(4); // a second camera of that machine
    send(rewriter, 4, 9, { key: true, timestamp: 4_000_018_000, nowUs: 300_000 });
    expect([rewriter.timestamp, rewriter.timestampOffset]).toEqual([936_000, offset]);

    rewriter.switchTo(1); // back to the first one
    send(rewriter, 1, 400, { key: true, timestamp: 945_000, nowUs: 400_000 });
    expect(rewriter.timestampOffset).toBe(0);
  });

  it('W8 never repeats or turns back a timestamp at a switch', () => {
    for (const behind of [0, 500]) {
      const rewriter = started(1, 50, 900_000);
      rewriter.switchTo(2);
      send(rewriter, 2, 9, { key: true, timestamp: 900_000 - behind });
      expect([rewriter.timestamp, rewriter.timestampOffset]).toEqual([900_001, behind + 1]);
    }
  });

  it('W9 finds what was sent under a number, in the last 16 stretches', () => {
    const rewriter = started();
    for (let source = 2; source <= 19; source++) {
      rewriter.switchTo(source);
      send(rewriter, source, 100 * source, { key: true });
      send(rewriter, source, 100 * source + 1);
    }
    // Stretches 1 and 2 are forgotten; source 19 is active.
    expect([1_000, 1_002].map((sequence) => rewriter.lookup(sequence))).toEqual([false, false]);
    for (let source = 3; source <= 19; source++) {
      const first = 1_001 + 2 * (source - 2);
      expect(rewriter.lookup(first + 1)).toBe(true);
      expect([rewriter.foundSource, rewriter.foundSequence]).toEqual([source, 100 * source + 1]);
    }
    expect(rewriter.lookup(1_001 + 2 * 18)).toBe(false);
  });

  it('W10 stops at once and continues the numbers later', () => {
    const rewriter = started();
    rewriter.switchTo(undefined);
    expect(rewriter.activeSource).toBeUndefined();
    expect(send(rewriter, 1, 51)).toBeUndefined();
    rewriter.switchTo(2);
    expect(send(rewriter, 2, 9, { key: true })).toBe(1_001);
    expect(rewriter.lookup(1_000) && rewriter.foundSource).toBe(1);
  });

  it('W11 does not take a source whose numbers came round for its old stretch', () => {
    const rewriter = started();
    for (let sequence = 51; sequence < 60; sequence++) send(rewriter, 1, sequence);
    rewriter.switchTo(2);
    send(rewriter, 2, 9, { key: true });
    rewriter.switchTo(1);
    // 65,536 packets later:
    expect(send(rewriter, 1, 54, { nowUs: 60_000_000 })).toBeUndefined();
    expect(send(rewriter, 1, 55, { key: true, nowUs: 60_000_000 })).toBe(1_011);
  });
});

/** One step of a scenario: a packet of a source with its fate on the way, or a wish. */
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('packet' as const),
      source: fc.nat(2),
      key: fc.boolean(),
      lost: fc.boolean(),
      repeated: fc.boolean(),
      delay: fc.nat(8),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('switch' as const),
      source: fc.constantFrom(0, 1, 2, undefined),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

type Arrival =
  | { at: number; kind: 'switch'; source: number | undefined }
  | {
      at: number;
      kind: 'packet';
      source: number;
      packet: Buffer;
      sequence: number;
      timestamp: number;
      key: boolean;
    };

/** Sources 0 and 1 share a clock, 2 has another; source numbers begin near the wrap. */
function arrivalsOf(steps: Step[]): Arrival[] {
  const builders = [0, 1, 2].map(
    (source) =>
      new PacketBuilder({
        payloadType: 96,
        ssrc: source,
        mid: '0',
        firstSequence: 65_500 + source,
      }),
  );
  const arrivals: Arrival[] = [];
  steps.forEach((one, at) => {
    if (one.kind === 'switch') {
      arrivals.push({ at, kind: 'switch', source: one.source });
      return;
    }
    const timestamp = (at * 1_000 + (one.source === 2 ? 3_000_000_000 : 0)) >>> 0;
    const packet = builders[one.source]?.build(4, false, timestamp, 1);
    if (packet === undefined) return;
    packet.writeUInt32BE(at, canonicalHeaderBytes);
    const sequence = packet.readUInt16BE(2);
    const { source, key } = one;
    const arrival = { kind: 'packet' as const, source, packet, sequence, timestamp, key };
    if (!one.lost) arrivals.push({ ...arrival, at: at + one.delay });
    if (one.repeated) arrivals.push({ ...arrival, at: at + one.delay + 3 });
  });
  return arrivals.sort((a, b) => a.at - b.at);
}

const leg = createLeg({
  payloadType: 102,
  ssrc: 77,
  mid: '1',
  extensionIds: canonicalExtensionIds,
});

describe('stream rewriter, any losses, reordering, repeats and switches', () => {
  const runs = fc.array(step, { maxLength: 150 });

  it('W11 gives no number to two packets, and W9 repeats are equal byte for byte', () => {
    fc.assert(
      fc.property(runs, fc.nat(0xffff), (steps, firstSequence) => {
        const rewriter = video(firstSequence);
        const histories = [0, 1, 2].map(() => new SendHistory());
        const sent = new Map<number, Buffer>();
        for (const arrival of arrivalsOf(steps)) {
          if (arrival.kind === 'switch') {
            rewriter.switchTo(arrival.source);
            continue;
          }
          const { source, sequence, timestamp, key, packet, at } = arrival;
          const nowUs = at * 1_000;
          histories[source]?.insert(sequence, timestamp, packet, nowUs);
          if (rewriter.rewrite(source, sequence, timestamp, key, nowUs) === 'dropped') continue;
          rewriteForLeg(packet, leg, rewriter.sequence, rewriter.timestamp, 0);
          const before = sent.get(rewriter.sequence);
          expect(before === undefined || before.equals(packet)).toBe(true);
          sent.set(rewriter.sequence, Buffer.from(packet));
        }
        for (const [sequence, packet] of sent) {
          // Past the 16 remembered stretches a number may be forgotten, never wrong.
          if (!rewriter.lookup(sequence)) continue;
          const history = histories[rewriter.foundSource];
          const held = history?.get(rewriter.foundSequence, 0);
          if (history === undefined || held === undefined) throw new Error('not held');
          const timestamp = history.timestampOf(rewriter.foundSequence);
          rewriteForLeg(held, leg, sequence, timestamp + rewriter.foundTimestampOffset, 0);
          expect(packet.equals(held)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('W4, W8 and W3 every switch continues number and time, at a key frame of the wanted source only', () => {
    fc.assert(
      fc.property(runs, (steps) => {
        const rewriter = video(65_530);
        let newest: { out: number; timestamp: number } | undefined;
        let wanted: number | undefined;
        for (const arrival of arrivalsOf(steps)) {
          if (arrival.kind === 'switch') {
            wanted = arrival.source;
            rewriter.switchTo(wanted);
            continue;
          }
          const { source, sequence, timestamp, key, at } = arrival;
          const outcome = rewriter.rewrite(source, sequence, timestamp, key, at * 1_000);
          if (outcome === 'dropped') continue;
          const out = newest ? unwrapSequence(newest.out, rewriter.sequence) : rewriter.sequence;
          if (outcome === 'switched') {
            expect([source, key]).toEqual([wanted, true]);
            if (newest) {
              expect(out).toBe(newest.out + 1);
              expect(timestampDistance(newest.timestamp, rewriter.timestamp)).toBeGreaterThan(0);
            }
          }
          if (!newest || out > newest.out) newest = { out, timestamp: rewriter.timestamp };
        }
      }),
      { numRuns: 300 },
    );
  });
});
