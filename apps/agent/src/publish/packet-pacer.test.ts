import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PacketPacer } from './packet-pacer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function packets(from: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => Buffer.from([from + i]));
}

function createPacer() {
  const sent: number[] = [];
  return { sent, pacer: new PacketPacer((packet) => sent.push(packet[0] as number)) };
}

test('a delta frame leaves at once when nothing waits', () => {
  const { sent, pacer } = createPacer();
  expect(pacer.sendFrame(packets(0, 30), false)).toBe(true);
  expect(sent).toHaveLength(30);
  expect(vi.getTimerCount()).toBe(0);
});

test('a key frame is spread, and what follows it stays in order', () => {
  const { sent, pacer } = createPacer();
  pacer.sendFrame(packets(0, 40), true);
  expect(sent).toHaveLength(12);
  pacer.sendFrame(packets(40, 2), false);
  vi.advanceTimersByTime(1);
  expect(sent).toHaveLength(24);
  vi.advanceTimersByTime(10);
  expect(sent).toEqual(Array.from({ length: 42 }, (_, i) => i));
  pacer.sendFrame(packets(42, 1), false);
  expect(sent).toHaveLength(43);
});

test('a frame without room is refused whole; closing drops what waits', () => {
  const { sent, pacer } = createPacer();
  pacer.sendFrame(packets(0, 2000), true);
  expect(pacer.sendFrame(packets(0, 100), false)).toBe(false);
  pacer.close();
  vi.advanceTimersByTime(1000);
  expect(sent).toHaveLength(12);
});
