import { describe, expect, it } from 'vitest';
import { RateGate } from './rate-gate.ts';

describe('rate gate', () => {
  it('lets one through a period, the newest', () => {
    const gate = new RateGate<string>(20);
    expect(gate.take(0)).toBeUndefined();
    expect(gate.dueUs).toBe(Number.POSITIVE_INFINITY);
    gate.put('a');
    expect(gate.take(100)).toEqual({ value: 'a' });
    gate.put('b');
    gate.put('c');
    expect(gate.dueUs).toBe(120);
    expect(gate.take(119)).toBeUndefined();
    expect(gate.take(120)).toEqual({ value: 'c' });
    expect(gate.take(500)).toBeUndefined();
  });

  it('can be forced, which counts', () => {
    const gate = new RateGate<string>(20);
    gate.put('a');
    gate.take(100);
    gate.put('b');
    expect(gate.force(105)).toEqual({ value: 'b' });
    gate.put('c');
    expect(gate.dueUs).toBe(125);
  });
});
