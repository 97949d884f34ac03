import { describe, expect, it } from 'vitest';
import { encodeFec } from '../fec/encode-fec.ts';
import type { FecSource } from '../fec/fec-packet.ts';
import { RepairReceiver, type RepairReceiverOptions } from './index.ts';

const ms = 1000;
const frameMs = 33;
const rttMs = 20;

/** A receiver, and frames of so many packets to feed it with; packet `n` has the sequence n (mod 65,536). */
class Feed {
  readonly repair: RepairReceiver;
  readonly #framePackets: number;

  constructor(framePackets = 5, options: RepairReceiverOptions = {}) {
    this.repair = new RepairReceiver(options);
    this.repair.setRoundTripUs(rttMs * ms);
    this.#framePackets = framePackets;
  }

  source(packet: number): FecSource {
    const marker = packet % this.#framePackets === this.#framePackets - 1;
    return { sequence: packet & 0xffff, marker, payload: new Uint8Array([packet, packet >> 8, 9]) };
  }

  timestampOf(packet: number): number {
    return Math.floor(packet / this.#framePackets) * frameMs * 90;
  }

  /** Hands in packets at one time; gives what they made recoverable. */
  media(nowMs: number, ...packets: number[]) {
    return packets.flatMap((packet) => {
      const { sequence, marker, payload } = this.source(packet);
      const timestamp = this.timestampOf(packet);
      return [...this.repair.handleMedia(sequence, timestamp, marker, payload, nowMs * ms)];
    });
  }

  fecPayloads(first: number, count: number, rows: number[], announced = rows.length) {
    const sources = Array.from({ length: count }, (_, i) => this.source(first + i));
    return rows.map(
      (row) => encodeFec(sources, { first: row, count: 1, announced }, 0)[0] as Uint8Array,
    );
  }

  /** Hands in parity rows of the block of `count` packets from `first` on. */
  fec(nowMs: number, first: number, count: number, rows: number[], announced = rows.length) {
    return this.fecPayloads(first, count, rows, announced).flatMap((payload) => [
      ...this.repair.handleFec(payload, this.timestampOf(first), nowMs * ms),
    ]);
  }

  due(nowMs: number): readonly number[] {
    return this.repair.takeDue(nowMs * ms);
  }

  /** Moves from deadline to deadline up to a time; gives all requests as [ms, sequences]. */
  requestsUntil(endMs: number): [number, number[]][] {
    const requests: [number, number[]][] = [];
    for (let deadlineUs = this.repair.nextDeadlineUs; deadlineUs !== undefined; ) {
      if (deadlineUs > endMs * ms) break;
      const due = this.repair.takeDue(deadlineUs);
      if (due.length > 0) requests.push([deadlineUs / ms, [...due]]);
      const next = this.repair.nextDeadlineUs;
      if (next !== undefined && next <= deadlineUs) throw new Error('a deadline does not move on');
      deadlineUs = next;
    }
    return requests;
  }
}

const sequences = (packets: readonly { sequence: number }[]) => packets.map((p) => p.sequence);

describe('repair receiver', () => {
  it('R1 tells repeats of what came or was recovered, and knows late packets from repeats', () => {
    const feed = new Feed();
    const isDuplicate = (packet: number) => {
      feed.media(0, packet);
      return feed.repair.wasDuplicate;
    };
    expect([0, 1, 1, 3, 2, 2].map(isDuplicate)).toEqual([false, false, true, false, false, true]);
    feed.fec(0, 0, 5, [0]);
    expect(isDuplicate(4)).toBe(true);
    expect(feed.repair.stats).toMatchObject({ received: 4, duplicates: 3, recovered: 1, lost: 1 });
  });

  it('R2 keeps within its bytes, payloads and parity each', () => {
    const repair = new RepairReceiver({ bytes: 20_000 });
    let most = 0;
    for (let frame = 0; frame < 400; frame++) {
      const sources = [0, 1, 2].map((i) => ({
        sequence: frame * 3 + i,
        marker: i === 2,
        payload: new Uint8Array(1000),
      }));
      repair.handleMedia(frame * 3, frame, false, new Uint8Array(1000), frame);
      for (const fec of encodeFec(sources, { first: 0, count: 1, announced: 3 }, 0)) {
        repair.handleFec(fec, frame, frame);
      }
      most = Math.max(most, repair.bytes);
    }
    expect(most).toBeGreaterThan(38_000);
    expect(most).toBeLessThanOrEqual(40_000);
  });

  it('R3 recovers as soon as there are as many packets as the block has sources, in whatever order they come', () => {
    const feed = new Feed();
    expect(feed.media(0, 0, 1)).toEqual([]);
    expect(feed.fec(1, 0, 5, [0, 1], 2)).toEqual([]);
    const recovered = feed.media(2, 4);
    expect(sequences(recovered)).toEqual([2, 3]);
    expect(recovered[0]).toMatchObject({ timestamp: feed.timestampOf(2), marker: false });
    expect([...(recovered[1]?.payload ?? [])]).toEqual([3, 0, 9]);
    expect(feed.fec(3, 0, 5, [2], 3)).toEqual([]);
    expect(feed.requestsUntil(1000)).toEqual([]);
  });

  it('R3 recovers a whole frame of which only parity came, the first of a source and over the wrap', () => {
    const feed = new Feed();
    const rows = [3, 1, 0, 2, 4];
    expect(sequences(feed.fec(0, 65_535, 5, rows))).toEqual([65_535, 0, 1, 2, 3]);
    feed.media(1, 65_540);
    expect(feed.repair.missing).toBe(0);
    expect(sequences(feed.fec(33, 65_540, 5, rows))).toEqual([5, 6, 7, 8]);
  });

  it('R4 computes nothing from parity that something else contradicts, and asks instead', () => {
    const contradictions: ((feed: Feed) => void)[] = [
      (feed) => feed.fec(0, 1, 5, [1]), // another block over the same packets
      (feed) => feed.fec(0, 0, 4, [1]),
      (feed) =>
        feed.repair.handleFec(new Uint8Array([1, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 0, 0),
      (feed) => feed.repair.handleFec(feed.fecPayloads(0, 5, [1])[0] as Uint8Array, 77, 0),
      (feed) => {
        const [other] = feed.fecPayloads(0, 5, [0]) as [Uint8Array];
        other[9] = 99;
        feed.repair.handleFec(other, 0, 0); // the same row, other bytes
      },
      (feed) => feed.repair.handleMedia(2, 0, false, new Uint8Array(100), 0), // longer than its block's longest
      (feed) => feed.repair.handleMedia(2, 5, false, new Uint8Array(1), 0), // of another frame
      (feed) => feed.repair.handleMedia(2, 0, true, new Uint8Array(1), 0), // a marker inside
    ];
    for (const contradict of contradictions) {
      const feed = new Feed();
      feed.media(0, 0);
      feed.fec(0, 0, 5, [0], 4);
      contradict(feed);
      expect(feed.fec(1, 0, 5, [1, 2, 3, 4])).toEqual([]);
      expect(feed.media(1, 1, 3)).toEqual([]);
      expect(feed.requestsUntil(20).flatMap(([, lost]) => lost)).toContain(4);
    }
  });

  it('R5 asks without parity once 3 packets came after a gap or after 5 ms, and not for what was only late', () => {
    const byPackets = new Feed();
    byPackets.media(0, 0, 2, 3);
    expect(byPackets.due(0)).toEqual([]);
    byPackets.media(0, 4);
    expect(byPackets.due(0)).toEqual([1]);
    const byTime = new Feed();
    byTime.media(0, 0, 2);
    expect(byTime.repair.nextDeadlineUs).toBeLessThanOrEqual(5 * ms);
    expect(byTime.due(4.9)).toEqual([]);
    expect(byTime.due(5)).toEqual([1]);
    const late = new Feed();
    late.media(0, 0, 2, 1, 3, 4);
    expect(late.requestsUntil(500)).toEqual([]);
    expect(late.repair.stats.lost).toBe(0);
  });

  it('R6 asks for nothing while announced parity may still come', () => {
    const feed = new Feed();
    feed.media(0, 0, 3, 4);
    feed.fec(1, 0, 5, [0], 2);
    expect(feed.due(8)).toEqual([]);
    expect(feed.requestsUntil(9)).toEqual([[9, [1]]]);
  });

  it('R6 asks at once when all parity is accounted for, or a later frame has begun', () => {
    const complete = new Feed();
    complete.media(0, 0, 3, 4);
    complete.fec(1, 0, 5, [1], 1);
    expect(complete.due(1)).toEqual([1]);
    const later = new Feed();
    later.media(0, 0, 3, 4);
    later.fec(1, 0, 5, [0], 2);
    later.media(5, 5);
    expect(later.due(5)).toEqual([1]);
  });

  it('R6 waits for the parity of a frame of which none came yet, where earlier frames had some', () => {
    const feed = new Feed();
    feed.media(0, 0, 1, 2, 3, 4);
    feed.fec(0, 0, 5, [0]);
    feed.media(33, 5, 7, 8, 9);
    expect(feed.due(40)).toEqual([]);
    expect(feed.due(41)).toEqual([6]);
  });

  it('R6 learns of a lost end of a frame from its parity', () => {
    const feed = new Feed();
    feed.media(0, 0, 1, 2);
    feed.fec(0, 0, 5, [0], 1);
    expect(feed.repair.missing).toBe(2);
    expect(feed.requestsUntil(5)).toEqual([[5, [3]]]);
  });

  it('R7 asks for as many packets as the block lacks, and for another one when the answer fails to come', () => {
    const feed = new Feed(10);
    feed.media(0, 0, 4, 5, 6, 7, 8, 9);
    feed.fec(0, 0, 10, [0, 1], 2);
    const requests = feed.requestsUntil(60).map(([, lost]) => lost.length);
    expect(requests.slice(0, 2)).toEqual([1, 1]);
    expect(sequences(feed.media(60, 2))).toEqual([1, 3]);
    expect(feed.requestsUntil(1000)).toEqual([]);
  });

  it('R8 repeats a request after 1.25 round trips, 10 ms at least', () => {
    const feed = new Feed();
    feed.media(0, 0, 2, 3, 4);
    const sure = { repair: feed.requestsUntil(100).map(([at]) => at) };
    expect(sure.repair).toEqual([0, 25, 50, 75, 100]);
    const near = new Feed();
    near.repair.setRoundTripUs(1);
    near.media(0, 0, 2, 3, 4);
    expect(near.requestsUntil(30).map(([at]) => at)).toEqual([0, 10, 20, 30]);
  });

  it('R8 sends each request again 4 ms later where many packets are lost', () => {
    const feed = new Feed();
    for (let frame = 0; frame < 30; frame++) {
      feed.media(frame * frameMs, ...[0, 2, 4].map((i) => frame * 5 + i));
      feed.due(frame * frameMs);
      feed.media(frame * frameMs + 1, frame * 5 + 1, frame * 5 + 3);
    }
    const nowMs = 30 * frameMs;
    feed.media(nowMs, 150, 152, 153, 154);
    expect(feed.requestsUntil(nowMs + 30).map(([at]) => at - nowMs)).toEqual([0, 4, 8, 25, 29]);
  });

  it('R9 sends no request whose answer would be too late, then gives up and needs a key frame', () => {
    const feed = new Feed();
    feed.media(0, 0, 2, 3, 4);
    const requests = feed.requestsUntil(2000);
    expect(requests.at(-1)?.[0]).toBeLessThanOrEqual(400 - rttMs);
    expect(feed.repair.missing).toBe(0);
    expect(feed.repair.stats.givenUp).toBe(1);
    expect(feed.repair.takeKeyFrameNeeded()).toBe(true);
    expect(feed.repair.takeKeyFrameNeeded()).toBe(false);
  });

  it('R9 leaves time for one request on the longest way', () => {
    const feed = new Feed();
    feed.repair.setRoundTripUs(600 * ms);
    feed.media(0, 0, 2, 3, 4);
    expect(feed.requestsUntil(2000)).toEqual([[0, [1]]]);
    expect(feed.repair.takeKeyFrameNeeded()).toBe(true);
  });

  it('R10 needs a key frame at once, and nothing else, after a hole of 200 ms or of 128 packets', () => {
    const long = new Feed();
    long.media(0, 0, 1, 2, 3, 4);
    long.media(frameMs, 5, 6, 7, 9);
    long.media(10 * frameMs, 52);
    expect(long.repair.takeKeyFrameNeeded()).toBe(true);
    expect(long.requestsUntil(1000)).toEqual([]);
    const many = new Feed(200);
    many.media(0, 0, 130);
    expect(many.repair.takeKeyFrameNeeded()).toBe(true);
    expect(many.requestsUntil(1000)).toEqual([]);
    const short = new Feed();
    short.media(0, 0, 1, 2, 3, 4, 5);
    short.media(4 * frameMs, 20, 21, 22);
    expect(short.repair.takeKeyFrameNeeded()).toBe(false);
    expect(short.due(4 * frameMs)).toHaveLength(14);
  });

  it('R11 wants nothing before a key frame start, nor a key frame for what was lost before it', () => {
    const feed = new Feed();
    feed.media(0, 0, 1, 2, 3, 4, 6, 8, 9, 10);
    feed.repair.handleKeyFrameStart(8);
    expect(feed.repair.missing).toBe(0);
    feed.fec(1, 5, 5, [0, 1]);
    expect(feed.requestsUntil(1000)).toEqual([]);
    feed.media(20 * frameMs, 100, 101);
    feed.repair.handleKeyFrameStart(100);
    expect(feed.repair.takeKeyFrameNeeded()).toBe(false);
    feed.repair.handleKeyFrameStart(3);
    feed.media(21 * frameMs, 103, 104, 105);
    expect(feed.due(21 * frameMs)).toEqual([102]);
  });

  it('R12 begins anew at two consecutive packets far behind, and gives the first of them back', () => {
    const feed = new Feed();
    feed.media(0, 10_000, 10_001, 10_003);
    expect(feed.media(1, 20)).toEqual([]);
    expect(feed.repair.wasDuplicate).toBe(true);
    expect(sequences(feed.media(1, 21))).toEqual([20]);
    expect(feed.repair.wasDuplicate).toBe(false);
    expect(feed.repair.takeKeyFrameNeeded()).toBe(true);
    feed.media(2, 23, 24, 25);
    expect(feed.due(2)).toEqual([22]);
  });
});
