import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type VideoPacket, VideoPackets } from '../testing/video-packets.ts';
import { type AssembledFrame, FrameAssembler } from './frame-assembler.ts';

/** Hands packets over 1 ms apart; gives the timestamps of what came out. */
function feed(assembler: FrameAssembler, packets: readonly VideoPacket[]): number[] {
  return feedFrames(assembler, packets).map(({ timestamp }) => timestamp);
}

let nowUs = 0;

function feedFrames(assembler: FrameAssembler, packets: readonly VideoPacket[]): AssembledFrame[] {
  return packets.flatMap(({ sequence, timestamp, marker, payload }) => {
    nowUs += 1000;
    return [...assembler.handlePacket(sequence, timestamp, marker, payload, nowUs)];
  });
}

const timestampsOf = (frames: VideoPacket[][]) => frames.map(([first]) => first?.timestamp ?? 0);
const without = (packets: VideoPacket[], index: number) => packets.toSpliced(index, 1);

/** A key frame and `count` pictures after it. */
function sequenceOf(count: number, packets = new VideoPackets()): VideoPacket[][] {
  return [packets.next(true), ...Array.from({ length: count }, () => packets.next(false))];
}

describe('FrameAssembler', () => {
  it('FA1 gives every picture once, in order, however the packets come', () => {
    const frames = sequenceOf(12);
    const packets = frames.flat();
    const order = fc.shuffledSubarray(
      packets.map((_packet, index) => index),
      { minLength: packets.length },
    );
    const repeats = fc.array(fc.nat(packets.length - 1), { maxLength: 20 });
    fc.assert(
      fc.property(order, repeats, (indices, again) => {
        const sent = [...indices, ...again].map((index) => packets[index] as VideoPacket);
        const given = feedFrames(new FrameAssembler(), sent);
        expect(given.map(({ timestamp }) => timestamp)).toEqual(timestampsOf(frames));
        expect(given.map(({ key }) => key)).toEqual(frames.map((_frame, index) => index === 0));
      }),
    );
  });

  it('FA2 begins with a key frame', () => {
    const [, delta, ...rest] = sequenceOf(3);
    const assembler = new FrameAssembler();
    expect(feed(assembler, [...(delta ?? []), ...rest.flat()])).toEqual([]);
  });

  it('FA3 holds back what follows a hole until that is filled', () => {
    const [key = [], first = [], second = []] = sequenceOf(2);
    const assembler = new FrameAssembler();
    expect(feed(assembler, [...key, ...without(first, 1), ...second])).toEqual(timestampsOf([key]));
    const late = feedFrames(assembler, first.slice(1, 2));
    expect(late.map(({ timestamp }) => timestamp)).toEqual(timestampsOf([first, second]));
    expect(late.every(({ completeUs }) => completeUs === nowUs)).toBe(true);
    expect(late[0]?.firstUs).toBeLessThan(late[1]?.firstUs ?? 0);
  });

  it('FA4 lets a whole key frame overtake what still misses something', () => {
    const packets = new VideoPackets();
    const [key = [], broken = [], stuck = []] = sequenceOf(2, packets);
    const [next = [], after = []] = sequenceOf(1, packets);
    const assembler = new FrameAssembler();
    feed(assembler, [...key, ...without(broken, 0), ...stuck]);
    expect(feed(assembler, next.slice(0, -1))).toEqual([]);
    expect(feed(assembler, [...next.slice(-1), ...after])).toEqual(timestampsOf([next, after]));
    expect(feed(assembler, broken.slice(0, 1))).toEqual([]);
    expect(assembler.takeKeyFrameNeeded()).toBe(false);
  });

  it('FA5 asks for a key frame when pictures come and none can begin', () => {
    const [, first = [], second = []] = sequenceOf(2);
    const assembler = new FrameAssembler();
    feed(assembler, first);
    // It may have been overtaken by a part of its successor.
    expect(assembler.takeKeyFrameNeeded()).toBe(false);
    feed(assembler, second);
    expect([assembler.takeKeyFrameNeeded(), assembler.takeKeyFrameNeeded()]).toEqual([true, false]);
  });

  it('FA6 waits for a key frame after the decoder lost its references', () => {
    const packets = new VideoPackets();
    const [key = [], first = []] = sequenceOf(1, packets);
    const assembler = new FrameAssembler();
    feed(assembler, key);
    assembler.requireKeyFrame();
    expect(assembler.takeKeyFrameNeeded()).toBe(true);
    expect(feed(assembler, first)).toEqual([]);
    const again = packets.next(true);
    expect(feed(assembler, again)).toEqual(timestampsOf([again]));
  });

  it('FA7 gives a hole up that 2,048 packets have passed, and asks for a key frame', () => {
    const packets = new VideoPackets();
    const [key = [], broken = []] = sequenceOf(1, packets);
    const assembler = new FrameAssembler();
    feed(assembler, [...key, ...without(broken, 0)]);
    for (let passed = 0; passed < 2_100; passed += 3) feed(assembler, packets.next(false));
    expect(assembler.takeKeyFrameNeeded()).toBe(true);
    const again = packets.next(true);
    expect(feed(assembler, again)).toEqual(timestampsOf([again]));
  });

  it('FA8 begins anew with a source that begins anew', () => {
    const assembler = new FrameAssembler();
    feed(assembler, sequenceOf(4, new VideoPackets(30_000)).flat());
    const frames = sequenceOf(4, new VideoPackets(7_000));
    expect(feed(assembler, frames.flat())).toEqual(timestampsOf(frames));
    // One packet out of the past is not one.
    const next = sequenceOf(1, new VideoPackets(3_000)).flat();
    expect(feed(assembler, next.slice(0, 1))).toEqual([]);
  });

  it('FA9 survives anything, gives nothing whose references are missing', () => {
    const packets = new VideoPackets();
    const frames = Array.from({ length: 40 }, (_none, index) => packets.next(index % 10 === 0));
    const all = frames.flat();
    const indexOf = new Map(timestampsOf(frames).map((timestamp, index) => [timestamp, index]));
    const picked = fc.array(fc.nat(all.length - 1), { maxLength: 200 });
    fc.assert(
      fc.property(picked, fc.array(fc.uint8Array({ maxLength: 30 })), (indices, junk) => {
        const assembler = new FrameAssembler();
        let last = Number.NaN;
        for (const { timestamp, key } of feedFrames(
          assembler,
          indices.map((index) => all[index] as VideoPacket),
        )) {
          const index = indexOf.get(timestamp) as number;
          expect(key || index === last + 1).toBe(true);
          if (!Number.isNaN(last)) expect(index).toBeGreaterThan(last);
          last = index;
        }
        junk.forEach((payload, sequence) => {
          assembler.handlePacket(sequence * 977, sequence, sequence % 3 === 0, payload, 0);
        });
      }),
    );
  });
});
