import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lane } from './pacing-queue.ts';
import { PacketPacer } from './packet-pacer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function packets(from: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => new Uint8Array(1100).fill(from + i));
}

function createPacer() {
  const sent: number[] = [];
  return { sent, pacer: new PacketPacer<string>((packet) => sent.push(packet[0] as number)) };
}

test('a frame leaves at once and without a timer when nothing waits', () => {
  const { sent, pacer } = createPacer();
  expect(pacer.push(Lane.main, packets(0, 30), '')).toBe(true);
  expect(sent).toHaveLength(30);
  expect(vi.getTimerCount()).toBe(0);
});

test('a burst is spread, what follows it stays in order, and closing drops what waits', () => {
  const { sent, pacer } = createPacer();
  pacer.push(Lane.main, packets(0, 100), '');
  expect(sent.length).toBeLessThan(60);
  pacer.push(Lane.main, packets(100, 2), '');
  vi.advanceTimersByTime(50);
  expect(sent).toEqual(Array.from({ length: 102 }, (_, i) => i));
  expect(vi.getTimerCount()).toBe(0);
  pacer.push(Lane.main, packets(0, 200), '');
  pacer.close();
  const before = sent.length;
  vi.advanceTimersByTime(1000);
  expect(sent).toHaveLength(before);
});
