import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notReceived, type TransportFeedback } from '../rtcp-packet.ts';
import { CongestionController } from './congestion-controller.ts';

const limits = { minBps: 200_000, maxBps: 5_000_000, startBps: 1_000_000 };
const oneWayUs = 10_000;

function feedbackOf(
  feedbackCount: number,
  baseSequence: number,
  arrivals: readonly (number | undefined)[],
): TransportFeedback {
  const units = arrivals.map((us) => (us === undefined ? notReceived : Math.floor(us / 250)));
  const ssrcs = { senderSsrc: 1, mediaSsrc: 2 };
  return {
    ...{ type: 'transportFeedback', ...ssrcs, feedbackCount, baseSequence, referenceTime: 0 },
    arrivals: Int32Array.from(units),
  };
}

/** Sends packets of one frame every 33 ms, each frame at once; feedback on each comes 20 ms later. */
class Sender {
  readonly controller: CongestionController;
  sequence = 0;
  count = 0;
  nowUs = 0;

  constructor(controller = new CongestionController(limits)) {
    this.controller = controller;
  }

  frame(packets: number, bytes: number, isLost: (index: number) => boolean = () => false): void {
    const base = this.sequence;
    const arrivals: (number | undefined)[] = [];
    for (let index = 0; index < packets; index++) {
      this.controller.handleSent(this.sequence & 0xffff, bytes, this.nowUs);
      arrivals.push(isLost(index) ? undefined : this.nowUs + oneWayUs);
      this.sequence += 1;
    }
    const feedback = feedbackOf(this.count++ & 0xff, base & 0xffff, arrivals);
    this.controller.handleFeedback(feedback, this.nowUs + 2 * oneWayUs);
    this.nowUs += 33_333;
  }
}

describe('congestion controller', () => {
  it('C1: repeated, old and contradicting feedback changes nothing', () => {
    const once = new Sender();
    const often = new Sender();
    for (let frame = 0; frame < 60; frame++) {
      once.frame(8, 1_200);
      const base = often.sequence;
      often.frame(8, 1_200);
      const late = often.nowUs - 5_000;
      const again = new Array<number>(8).fill(often.nowUs + 300_000);
      often.controller.handleFeedback(feedbackOf(often.count - 1, base & 0xffff, again), late);
      often.controller.handleFeedback(
        feedbackOf(often.count - 1, base & 0xffff, new Array<undefined>(8).fill(undefined)),
        late,
      );
    }
    const told = ({ targetBps, lossShare, queueDelayUs }: CongestionController) => {
      return { targetBps, lossShare, queueDelayUs };
    };
    expect(told(often.controller)).toEqual(told(once.controller));
    expect(often.controller.lossShare).toBe(0);
  });

  it('C2: what a later round tells of is not lost, what no round tells of neither', () => {
    const sender = new Sender();
    const { controller } = sender;
    for (let sequence = 0; sequence < 30; sequence++) controller.handleSent(sequence, 1_000, 0);
    const first = new Array<number | undefined>(10).fill(10_000);
    first[4] = undefined;
    first[5] = undefined;
    controller.handleFeedback(feedbackOf(0, 0, first), 20_000);
    expect(controller.lossShare).toBe(0);
    controller.handleFeedback(feedbackOf(1, 4, [12_000]), 45_000);
    controller.handleFeedback(feedbackOf(3, 20, new Array<number>(10).fill(13_000)), 70_000);
    controller.handleFeedback(feedbackOf(4, 29, [13_000]), 600_000);
    expect(controller.lossShare).toBeCloseTo(1 / 20);
  });

  it('C3: share and burst length of what is lost', () => {
    const sender = new Sender();
    for (let frame = 0; frame < 200; frame++) sender.frame(10, 1_000, (index) => index < 2);
    expect(sender.controller.lossShare).toBeCloseTo(0.2, 1);
    expect(sender.controller.burstPackets).toBeCloseTo(2, 1);
    for (let frame = 0; frame < 200; frame++) sender.frame(10, 1_000);
    expect(sender.controller.lossShare).toBe(0);
  });

  it('gives the round trip', () => {
    const sender = new Sender();
    for (let frame = 0; frame < 50; frame++) sender.frame(4, 1_000);
    expect(sender.controller.roundTripUs).toBe(2 * oneWayUs);
  });

  it('C13: a sender that uses little of its rate keeps it, and gains nothing without evidence', () => {
    const sender = new Sender();
    for (let frame = 0; frame < 600; frame++) sender.frame(1, 600);
    expect(sender.controller.targetBps).toBe(limits.startBps);
    for (let frame = 0; frame < 600; frame++) sender.frame(4, 600);
    expect(sender.controller.targetBps).toBeGreaterThan(limits.startBps);
    expect(sender.controller.targetBps).toBeLessThan(3 * 4 * 600 * 8 * 30);
  });

  it('C14: starved two round trips and 100 ms after a packet without feedback, until it comes', () => {
    const sender = new Sender();
    const { controller } = sender;
    for (let frame = 0; frame < 100; frame++) sender.frame(4, 1_000);
    controller.tick(sender.nowUs + 5_000_000);
    expect(controller.isStarved).toBe(false);
    const sentUs = sender.nowUs + 5_000_000;
    controller.handleSent(sender.sequence & 0xffff, 1_000, sentUs);
    controller.tick(sentUs + 139_000);
    expect(controller.isStarved).toBe(false);
    controller.tick(sentUs + 142_000);
    expect(controller.isStarved).toBe(true);
    sender.nowUs = sentUs + 200_000;
    sender.sequence += 1;
    sender.frame(4, 1_000);
    expect(controller.isStarved).toBe(false);
  });

  it('C14: where half of the feedback is lost, its absence means outage only later', () => {
    const sender = new Sender();
    const { controller } = sender;
    for (let frame = 0; frame < 100; frame++) {
      sender.frame(4, 1_000);
      sender.count += 1;
    }
    controller.handleSent(sender.sequence & 0xffff, 1_000, sender.nowUs);
    controller.tick(sender.nowUs + 200_000);
    expect(controller.isStarved).toBe(false);
    controller.tick(sender.nowUs + 700_000);
    expect(controller.isStarved).toBe(true);
  });

  it('C15: lost feedback alone costs no rate', () => {
    const sender = new Sender(new CongestionController({ ...limits, startBps: limits.maxBps }));
    const { controller } = sender;
    for (let frame = 0; frame < 100; frame++) sender.frame(4, 1_000);
    const base = sender.sequence;
    const arrivals: number[] = [];
    for (let frame = 0; frame < 15; frame++, sender.nowUs += 33_333) {
      controller.handleSent(sender.sequence++ & 0xffff, 1_000, sender.nowUs);
      arrivals.push(sender.nowUs + oneWayUs);
      controller.tick(sender.nowUs);
    }
    expect(controller.isStarved).toBe(true);
    controller.handleFeedback(feedbackOf(110, base & 0xffff, arrivals), sender.nowUs);
    expect(controller.isStarved).toBe(false);
    expect(controller.targetBps).toBe(limits.maxBps);
  });

  it('C16: probes are rare and small, none at the maximum, none while starved', () => {
    const sender = new Sender();
    const { controller } = sender;
    const probes: number[] = [];
    for (let frame = 0; frame < 300; frame++) {
      sender.frame(1, 600);
      const bytes = controller.takeProbeBytes(sender.nowUs);
      if (bytes > 0) probes.push(bytes);
    }
    expect(probes).toEqual([5_000, 5_000, 5_000, 5_000]);
    controller.handleSent(sender.sequence & 0xffff, 600, sender.nowUs);
    controller.tick(sender.nowUs + 3_000_000);
    expect(controller.takeProbeBytes(sender.nowUs + 3_000_000)).toBe(0);
    const full = new Sender(new CongestionController({ ...limits, startBps: limits.maxBps }));
    for (let frame = 0; frame < 300; frame++) {
      full.frame(1, 600);
      expect(full.controller.takeProbeBytes(full.nowUs)).toBe(0);
    }
  });

  it('C17: the maximum can be lowered and raised; the minimum holds', () => {
    const sender = new Sender();
    for (let frame = 0; frame < 300; frame++) sender.frame(20, 1_200);
    expect(sender.controller.targetBps).toBe(limits.maxBps);
    sender.controller.setMaxBps(700_000);
    expect(sender.controller.targetBps).toBe(700_000);
    sender.controller.setMaxBps(1);
    expect(sender.controller.targetBps).toBe(limits.minBps);
  });

  it('C1, C17: no feedback, however made, breaks it', () => {
    const feedback = fc.record({
      feedbackCount: fc.nat(255),
      baseSequence: fc.nat(0xffff),
      arrivals: fc.array(fc.option(fc.integer({ min: -1e7, max: 1e9 }), { nil: undefined }), {
        maxLength: 60,
      }),
      referenceTime: fc.integer({ min: -0x800000, max: 0x7fffff }),
      waitUs: fc.nat(200_000),
      packets: fc.nat(30),
    });
    fc.assert(
      fc.property(fc.array(feedback, { maxLength: 60 }), (rounds) => {
        const controller = new CongestionController(limits);
        let [sequence, nowUs] = [0, 0];
        for (const { packets, waitUs, referenceTime, ...told } of rounds) {
          for (let index = 0; index < packets; index++) {
            controller.handleSent(sequence, 1_200, nowUs);
            sequence = (sequence + 1) & 0xffff;
          }
          nowUs += waitUs;
          const base = (sequence - (told.baseSequence % 80)) & 0xffff;
          const { feedbackCount, arrivals } = told;
          controller.handleFeedback(
            { ...feedbackOf(feedbackCount, base, arrivals), referenceTime },
            nowUs,
          );
          controller.tick(nowUs);
          expect(controller.targetBps).toBeGreaterThanOrEqual(limits.minBps);
          expect(controller.targetBps).toBeLessThanOrEqual(limits.maxBps);
          expect(controller.lossShare).toBeGreaterThanOrEqual(0);
          expect(controller.lossShare).toBeLessThanOrEqual(1);
          expect(controller.burstPackets).toBeGreaterThanOrEqual(1);
          expect(controller.roundTripUs).toBeGreaterThanOrEqual(0);
          expect(controller.queueDelayUs).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(controller.queueDelayUs)).toBe(true);
          expect(controller.takeProbeBytes(nowUs)).toBeLessThanOrEqual(12_000);
        }
      }),
      { numRuns: 200 },
    );
  });
});
