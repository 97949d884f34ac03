import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeTrace, parseTrace, traceLengthMs } from './trace.ts';
import { encodeShippedTrace, shippedTraceNames } from './trace-generator.ts';

describe('trace', () => {
  it('is read with blanks or commas, comments and empty lines, and written again', () => {
    const text = '# uplink\n0 4000 20 0\n\n100,0,25,1.5 # hand-over\n  200\t3000  20\t0\r\n';
    const lines = parseTrace(text);
    expect(lines).toEqual([
      { timeMs: 0, rateKbps: 4000, delayMs: 20, lossShare: 0 },
      { timeMs: 100, rateKbps: 0, delayMs: 25, lossShare: 0.015 },
      { timeMs: 200, rateKbps: 3000, delayMs: 20, lossShare: 0 },
    ]);
    expect(parseTrace(encodeTrace(lines, 'two\nlines'))).toEqual(lines);
  });

  it('begins again when its last line has held as long as the one before', () => {
    expect(traceLengthMs(parseTrace('0 1 1 0\n100 1 1 0\n250 1 1 0'))).toBe(400);
    expect(traceLengthMs(parseTrace('0 1 1 0'))).toBe(1000);
  });

  it.each([
    ['', 'no line'],
    ['0 1 1', 'line 1'],
    ['0 1 1 0\nx 1 1 0', 'line 2'],
    ['0 1 1 101', 'line 1'],
    ['0 -1 1 0', 'line 1'],
    ['5 1 1 0', 'begin at 0'],
    ['0 1 1 0\n0 1 1 0', 'later'],
  ])('refuses %j', (text, complaint) => {
    expect(() => parseTrace(text)).toThrow(complaint);
    expect(() => parseTrace(text)).toThrow(RangeError);
  });
});

describe('the traces that come with netem', () => {
  const kept = {
    'trace-4g': { rates: [1500, 12_000], delays: [15, 45], gaps: [60, 140], count: 5 },
  };
  const all = {
    ...kept,
    'trace-5g': { rates: [5000, 40_000], delays: [6, 20], gaps: [30, 80], count: 6 },
  } as const;

  it.each(shippedTraceNames)(
    '%s is what the generator makes, a minute within its bounds',
    (name) => {
      const text = readFileSync(new URL(`../traces/${name}.txt`, import.meta.url), 'utf8');
      expect(text).toBe(encodeShippedTrace(name));
      const lines = parseTrace(text);
      const { rates, delays, gaps, count } = all[name];
      expect(traceLengthMs(lines)).toBe(60_000);
      const gapLengths = lines.flatMap(({ timeMs, rateKbps }, i) =>
        rateKbps === 0 ? [(lines[i + 1]?.timeMs ?? 0) - timeMs] : [],
      );
      expect(gapLengths).toHaveLength(count);
      const outside = (values: number[], [low = 0, high = 0]: readonly number[]) =>
        values.filter((value) => value < low || value > high);
      expect(outside(gapLengths, gaps)).toEqual([]);
      expect(
        outside(
          lines.map(({ delayMs }) => delayMs),
          delays,
        ),
      ).toEqual([]);
      expect(outside(lines.map(({ rateKbps }) => rateKbps).filter(Boolean), rates)).toEqual([]);
      expect(lines.every(({ lossShare }) => lossShare <= 0.01)).toBe(true);
    },
  );
});
