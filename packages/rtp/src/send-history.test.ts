import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SendHistory } from './send-history.ts';

const bytes = (length = 10) => new Uint8Array(length);

describe('send history', () => {
  it('H1 gives back the same bytes and the source timestamp, over the wrap too', () => {
    const history = new SendHistory({ packets: 16 });
    const packets = [65_534, 65_535, 0, 1].map((sequence) => ({ sequence, packet: bytes() }));
    for (const { sequence, packet } of packets) history.insert(sequence, sequence + 7, packet, 0);
    for (const { sequence, packet } of packets) {
      expect(history.get(sequence, 0)).toBe(packet);
      expect(history.timestampOf(sequence)).toBe(sequence + 7);
    }
    expect(history.get(2, 0)).toBeUndefined();
    expect(history.get(16, 0)).toBeUndefined();
  });

  it('H2 keeps the newest power of two of packets', () => {
    const history = new SendHistory({ packets: 8 });
    for (let sequence = 0; sequence < 12; sequence++) history.insert(sequence, 0, bytes(), 0);
    const held = Array.from(
      { length: 12 },
      (_, sequence) => history.get(sequence, 0) !== undefined,
    );
    expect(held).toEqual([false, false, false, false, ...Array(8).fill(true)]);
    expect(history.bytes).toBe(80);
    expect(() => new SendHistory({ packets: 10 })).toThrow(RangeError);
  });

  it('H3 holds no more bytes than allowed, but always the newest packet', () => {
    const history = new SendHistory({ packets: 64, bytes: 100 });
    for (let sequence = 0; sequence < 20; sequence++) history.insert(sequence, 0, bytes(30), 0);
    expect(history.bytes).toBe(90);
    expect(history.get(17, 0)).toBeDefined();
    expect(history.get(16, 0)).toBeUndefined();
    history.insert(20, 0, bytes(500), 0);
    expect(history.get(20, 0)).toBeDefined();
    expect(history.bytes).toBe(500);
  });

  it('H4 gives nothing older than the age limit, and lets go of it', () => {
    const history = new SendHistory({ packets: 64, ageUs: 1_000 });
    for (let sequence = 0; sequence < 10; sequence++)
      history.insert(sequence, 0, bytes(), sequence);
    expect(history.get(0, 1_000)).toBeDefined();
    expect(history.get(0, 1_001)).toBeUndefined();
    for (let sequence = 10; sequence < 14; sequence++) history.insert(sequence, 0, bytes(), 5_000);
    expect(history.bytes).toBe(40);
  });

  it('H5 ignores a repeat and takes a late packet', () => {
    const history = new SendHistory({ packets: 16 });
    const first = bytes();
    history.insert(10, 1, first, 0);
    history.insert(12, 1, bytes(), 0);
    history.insert(10, 2, bytes(), 0);
    expect(history.get(10, 0)).toBe(first);
    expect(history.timestampOf(10)).toBe(1);
    for (const late of [11, 9]) {
      const packet = bytes();
      history.insert(late, 1, packet, 0);
      expect(history.get(late, 0)).toBe(packet);
    }
    expect(history.bytes).toBe(40);
    history.insert(25, 1, bytes(), 0); // takes the place of 9
    expect(history.get(25, 0)).toBeDefined();
    expect(history.bytes).toBe(40);
  });

  it('H6 ignores what lies behind, until two consecutive ones show a new beginning', () => {
    const history = new SendHistory({ packets: 16 });
    for (let sequence = 1_000; sequence < 1_010; sequence++)
      history.insert(sequence, 0, bytes(), 0);
    history.insert(990, 0, bytes(), 0);
    history.insert(50, 0, bytes(), 0);
    expect(history.get(990, 0) ?? history.get(50, 0)).toBeUndefined();
    history.insert(51, 0, bytes(), 0);
    expect(history.get(51, 0)).toBeDefined();
    expect(history.get(1_009, 0)).toBeUndefined();
    expect(history.bytes).toBe(10);
  });

  it('H7 forgets everything before a step as wide as the window', () => {
    const history = new SendHistory({ packets: 16 });
    history.insert(1, 0, bytes(), 0);
    history.insert(17, 0, bytes(), 0);
    expect(history.get(1, 0)).toBeUndefined();
    expect(history.bytes).toBe(10);
  });

  it('H1 any inserts: what it gives is what was inserted under that sequence, within all bounds', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -40, max: 40 }), fc.nat(50), fc.nat(200)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.nat(0xffff), steps, (start, list) => {
        const history = new SendHistory({ packets: 32, bytes: 500, ageUs: 1_000 });
        const inserted = new Map<number, Set<Uint8Array>>();
        let sequence = start;
        let nowUs = 0;
        for (const [step, length, elapsed] of list) {
          sequence = (sequence + step) & 0xffff;
          nowUs += elapsed;
          const packet = bytes(length);
          history.insert(sequence, 0, packet, nowUs);
          inserted.set(sequence, (inserted.get(sequence) ?? new Set()).add(packet));
          let held = 0;
          for (const [key, packets] of inserted) {
            const found = history.get(key, nowUs);
            if (found === undefined) continue;
            expect(packets.has(found)).toBe(true);
            held += found.length;
          }
          expect(held).toBeLessThanOrEqual(history.bytes);
          expect(history.bytes).toBeLessThanOrEqual(500);
        }
      }),
    );
  });
});
