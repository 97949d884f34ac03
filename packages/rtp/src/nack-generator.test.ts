import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NackGenerator } from './nack-generator.ts';

const ms = 1_000;

function receive(nack: NackGenerator, sequences: number[], nowUs: number): void {
  for (const sequence of sequences) nack.handlePacket(sequence, nowUs);
}

describe('nack generator', () => {
  it('N1 asks for exactly what is missing, over the wrap, and not for what came late', () => {
    const nack = new NackGenerator();
    receive(nack, [65_533, 65_535, 2, 1, 3, 4, 5], 0);
    expect(nack.takeDue(0)).toEqual([65_534, 0]);
    receive(nack, [0, 0, 65_534, 65_533], 1);
    expect(nack.missing).toBe(0);
    expect(nack.takeDue(1_000 * ms)).toEqual([]);
    expect(nack.takeKeyFrameNeeded()).toBe(false);
  });

  it('N2 waits for 3 packets after it or 5 ms', () => {
    const nack = new NackGenerator();
    receive(nack, [1, 3, 4], 0);
    expect(nack.takeDue(0)).toEqual([]);
    expect(nack.nextDeadlineUs).toBe(5 * ms);
    nack.handlePacket(5, 1 * ms);
    expect(nack.nextDeadlineUs).toBe(1 * ms);
    expect(nack.takeDue(1 * ms)).toEqual([2]);
    receive(nack, [7], 2 * ms);
    expect(nack.takeDue(6 * ms)).toEqual([]);
    expect(nack.takeDue(7 * ms)).toEqual([6]);
  });

  it('N3 asks again every 1.25 round trips, 10 ms at least', () => {
    const nack = new NackGenerator();
    nack.setRoundTripUs(40 * ms);
    receive(nack, [1, 3, 4, 5], 0);
    expect(nack.takeDue(0)).toEqual([2]);
    expect(nack.nextDeadlineUs).toBe(50 * ms);
    expect(nack.takeDue(50 * ms - 1)).toEqual([]);
    nack.setRoundTripUs(1);
    expect(nack.takeDue(50 * ms)).toEqual([2]);
    expect(nack.takeDue(60 * ms - 1)).toEqual([]);
    expect(nack.takeDue(60 * ms)).toEqual([2]);
  });

  it('N4 gives up after 10 requests, or at 500 ms', () => {
    const nack = new NackGenerator();
    nack.setRoundTripUs(8 * ms);
    receive(nack, [1, 3, 4, 5], 0);
    for (let asked = 0; asked < 10; asked++) expect(nack.takeDue(asked * 10 * ms)).toEqual([2]);
    expect(nack.takeKeyFrameNeeded()).toBe(false);
    expect(nack.takeDue(100 * ms)).toEqual([]);
    expect(nack.takeKeyFrameNeeded()).toBe(true);
    expect(nack.nextDeadlineUs).toBeUndefined();

    nack.setRoundTripUs(300 * ms);
    receive(nack, [7, 8, 9], 1_000 * ms);
    expect(nack.takeDue(1_000 * ms)).toEqual([6]);
    expect(nack.takeDue(1_375 * ms)).toEqual([6]);
    expect(nack.nextDeadlineUs).toBe(1_500 * ms);
    expect(nack.takeDue(1_500 * ms)).toEqual([]);
    expect(nack.takeKeyFrameNeeded()).toBe(true);
  });

  it('N5 does not ask for more than 256 at a time', () => {
    const nack = new NackGenerator();
    receive(nack, [1, 258], 0);
    expect(nack.missing).toBe(256);
    nack.handlePacket(260, 0);
    expect(nack.missing).toBe(0);
    expect(nack.takeKeyFrameNeeded()).toBe(true);
    receive(nack, [261, 700], 0);
    expect(nack.missing).toBe(0);
    expect(nack.takeKeyFrameNeeded()).toBe(true);
  });

  it('N6 a key frame start ends the wish for what is missing before it', () => {
    const nack = new NackGenerator();
    receive(nack, [1, 3, 5, 7], 0);
    nack.handleKeyFrameStart(5);
    expect(nack.takeDue(5 * ms)).toEqual([6]);
    receive(nack, [400, 800], 6 * ms);
    nack.handleKeyFrameStart(3);
    expect(nack.takeKeyFrameNeeded()).toBe(true);
    nack.handlePacket(1_200, 7 * ms);
    nack.handleKeyFrameStart(1_200);
    expect(nack.takeKeyFrameNeeded()).toBe(false);
  });

  it('N7 begins anew with a source that did', () => {
    const nack = new NackGenerator();
    receive(nack, [40_000, 40_002, 10_000], 0);
    expect(nack.takeKeyFrameNeeded()).toBe(false);
    receive(nack, [10_001, 10_002, 10_004], 0);
    expect(nack.takeKeyFrameNeeded()).toBe(true);
    expect(nack.takeDue(5 * ms)).toEqual([10_003]);
  });

  it('N8 the deadline is never later than the next request or giving up', () => {
    const arrivals = fc.array(fc.tuple(fc.integer({ min: -3, max: 12 }), fc.nat(20)), {
      minLength: 1,
      maxLength: 100,
    });
    fc.assert(
      fc.property(arrivals, (list) => {
        const eager = new NackGenerator();
        const punctual = new NackGenerator();
        let sequence = 65_500;
        let nowUs = 0;
        for (const [step, elapsedMs] of list) {
          for (let tick = 0; tick < elapsedMs; tick++) {
            nowUs += ms;
            const due = nowUs >= (punctual.nextDeadlineUs ?? Number.POSITIVE_INFINITY);
            expect(due ? punctual.takeDue(nowUs) : []).toEqual(eager.takeDue(nowUs));
            expect(punctual.takeKeyFrameNeeded()).toBe(eager.takeKeyFrameNeeded());
          }
          sequence = (sequence + step) & 0xffff;
          eager.handlePacket(sequence, nowUs);
          punctual.handlePacket(sequence, nowUs);
          expect(punctual.nextDeadlineUs === undefined).toBe(punctual.missing === 0);
          expect(eager.missing).toBeLessThanOrEqual(256);
        }
      }),
    );
  });

  it('N9 tells the need of a key frame once', () => {
    const nack = new NackGenerator();
    receive(nack, [1, 1_000], 0);
    expect([nack.takeKeyFrameNeeded(), nack.takeKeyFrameNeeded()]).toEqual([true, false]);
  });

  it('N1 any losses and reordering: never asks for a packet that is there, and for every loss at last', () => {
    const fates = fc.array(fc.record({ lost: fc.boolean(), delay: fc.nat(5) }), {
      minLength: 2,
      maxLength: 200,
    });
    fc.assert(
      fc.property(fates, fc.nat(0xffff), (list, start) => {
        const nack = new NackGenerator();
        const arrivals = list
          .map((fate, index) => ({ ...fate, index, at: index + fate.delay }))
          .filter((packet) => !packet.lost)
          .sort((a, b) => a.at - b.at || a.index - b.index);
        const there = new Set<number>();
        const asked = new Set<number>();
        for (const { index, at } of arrivals) {
          there.add(index);
          nack.handlePacket((start + index) & 0xffff, at * ms);
          for (const sequence of nack.takeDue(at * ms)) {
            const wanted = (sequence - start) & 0xffff;
            expect(there.has(wanted)).toBe(false);
            asked.add(wanted);
          }
        }
        for (const sequence of nack.takeDue(300 * ms)) asked.add((sequence - start) & 0xffff);
        const [first] = arrivals;
        const last = Math.max(...there);
        for (let index = (first?.index ?? 0) + 1; index < last; index++) {
          if (!there.has(index)) expect(asked.has(index)).toBe(true);
        }
      }),
    );
  });
});
