import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRtcp } from '../rtcp.ts';
import { notReceived, type TransportFeedback } from '../rtcp-packet.ts';
import { ArrivalLog } from './arrival-log.ts';

function takeAll(log: ArrivalLog, nowUs: number): TransportFeedback[] {
  const packets: TransportFeedback[] = [];
  for (;;) {
    const bytes = log.takeFeedback(nowUs, 1, 2);
    if (bytes === undefined) return packets;
    expect(bytes.length).toBeLessThanOrEqual(1_200);
    const [packet] = parseRtcp(bytes);
    if (packet?.type !== 'transportFeedback') throw new Error('no feedback');
    packets.push(packet);
  }
}

/** Arrival in units of 250 µs by sequence; undefined = told of as not received. */
function told(packets: readonly TransportFeedback[]): Map<number, number | undefined> {
  const arrivals = new Map<number, number | undefined>();
  for (const { baseSequence, referenceTime, arrivals: units } of packets) {
    units.forEach((unit, index) => {
      const at = unit === notReceived ? undefined : referenceTime * 256 + unit;
      arrivals.set((baseSequence + index) & 0xffff, at);
    });
  }
  return arrivals;
}

describe('arrival log', () => {
  it('A1: tells each arrival to 250 µs, of a repeated packet the first', () => {
    const log = new ArrivalLog();
    log.handlePacket(65_535, 1_000_000);
    log.handlePacket(0, 1_000_600);
    log.handlePacket(0, 1_009_000);
    const arrivals = told(takeAll(log, 1_030_000));
    expect([...arrivals]).toEqual([
      [65_535, 4_000],
      [0, 4_002],
    ]);
  });

  it('A2: every 25 ms while packets come, once more after the last, soon after a pause', () => {
    const log = new ArrivalLog();
    const timesMs: number[] = [];
    for (let ms = 0; ms < 500; ms++) {
      if (ms < 200 && ms % 4 === 0) log.handlePacket(ms / 4, ms * 1000);
      if (ms === 400) log.handlePacket(100, ms * 1000);
      if (takeAll(log, ms * 1000).length > 0) timesMs.push(ms);
    }
    expect(timesMs).toEqual([5, 30, 55, 80, 105, 130, 155, 180, 205, 230, 405, 430]);
    expect(log.nextDeadlineUs).toBeUndefined();
  });

  it('A3: a skipped packet is not received; when it comes late, the next feedback tells of it', () => {
    const log = new ArrivalLog({ repeated: 0 });
    log.handlePacket(10, 0);
    log.handlePacket(12, 1_000);
    expect(told(takeAll(log, 25_000)).get(11)).toBeUndefined();
    log.handlePacket(13, 26_000);
    log.handlePacket(11, 27_000);
    const arrivals = told(takeAll(log, 60_000));
    expect(arrivals.get(11)).toBe(108);
    expect(arrivals.get(13)).toBe(104);
  });

  it('A4: three intervals are told again, up to 96 packets', () => {
    const few = new ArrivalLog();
    const many = new ArrivalLog();
    let last: TransportFeedback[] = [];
    let lastOfMany: TransportFeedback[] = [];
    for (let ms = 0; ms < 500; ms++) {
      if (ms % 5 === 0) few.handlePacket(ms / 5, ms * 1000);
      for (let index = 0; index < 4; index++) many.handlePacket(4 * ms + index, ms * 1000);
      last = [...last, ...takeAll(few, ms * 1000)].slice(-1);
      lastOfMany = [...lastOfMany, ...takeAll(many, ms * 1000)].slice(-1);
    }
    expect(last[0]?.arrivals.length).toBe(20);
    expect(lastOfMany[0]?.arrivals.length).toBe(100);
  });

  it('A5: many arrivals take several packets, each counts up, none is left out', () => {
    const log = new ArrivalLog();
    for (let index = 0; index < 3_000; index++) log.handlePacket(index, index * 10_000);
    const packets = takeAll(log, 40_000_000);
    expect(packets.length).toBeGreaterThan(2);
    expect(packets.map((packet) => packet.feedbackCount)).toEqual(packets.map((_, at) => at));
    const arrivals = told(packets);
    expect(arrivals.size).toBe(3_000);
    for (const [sequence, at] of arrivals) expect(at).toBe(sequence * 40);
  });

  it('A6: forgets what lies behind 4,096 packets, begins anew after a great step or far behind', () => {
    const log = new ArrivalLog();
    log.handlePacket(0, 0);
    log.handlePacket(20_000, 1_000);
    expect([...told(takeAll(log, 30_000)).keys()]).toEqual([20_000]);
    log.handlePacket(10_000, 31_000);
    expect(told(takeAll(log, 60_000)).has(10_000)).toBe(false);
    log.handlePacket(10_001, 61_000);
    expect([...told(takeAll(log, 90_000)).keys()]).toEqual([10_001]);
  });

  it('A1, A3, A5: whatever is lost, late and repeated, all that came is told of, each at its time', () => {
    const packet = fc.record({
      step: fc.integer({ min: -20, max: 40 }),
      waitUs: fc.oneof(fc.nat(500), fc.nat(60_000)),
    });
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 300 }), (packets) => {
        const log = new ArrivalLog();
        const came = new Map<number, number>();
        const heard = new Map<number, number | undefined>();
        let [sequence, nowUs] = [65_000, 5_000_000];
        const listen = () => {
          for (const [key, at] of told(takeAll(log, nowUs))) {
            if (at !== undefined || !heard.has(key)) heard.set(key, at);
          }
        };
        for (const { step, waitUs } of packets) {
          sequence = (sequence + step) & 0xffff;
          nowUs += waitUs;
          log.handlePacket(sequence, nowUs);
          if (!came.has(sequence)) came.set(sequence, Math.floor(nowUs / 250));
          listen();
        }
        nowUs += 100_000;
        listen();
        for (const [key, at] of came) expect(heard.get(key)).toBe(at);
      }),
      { numRuns: 100 },
    );
  });
});
