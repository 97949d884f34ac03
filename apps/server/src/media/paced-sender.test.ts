import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PacedSender } from './paced-sender.ts';

let paceBps: number;
let sent: string[];
let sender: PacedSender<string>;

function nowUs(): number {
  return Date.now() * 1_000;
}

/** Hands in so many packets at once. */
function burst(name: string, count: number, isUrgent: boolean): void {
  for (let i = 0; i < count; i++) {
    if (sender.mayPass(isUrgent, nowUs())) sent.push(name);
    else sender.wait(name, isUrgent);
  }
}

function countOf(name: string): number {
  return sent.filter((one) => one === name).length;
}

beforeEach(() => {
  vi.useFakeTimers();
  paceBps = Number.POSITIVE_INFINITY;
  sent = [];
  sender = new PacedSender(
    (name) => sent.push(name),
    nowUs,
    () => paceBps,
  );
});

afterEach(() => {
  sender.close();
  vi.useRealTimers();
});

test('sixteen packets leave at once, the rest in steps of a millisecond, none gets lost', () => {
  burst('media', 40, true);
  expect(sent.length).toBe(16);
  vi.advanceTimersByTime(1);
  expect(sent.length).toBe(32);
  vi.advanceTimersByTime(1);
  expect(sent.length).toBe(40);
  expect(vi.getTimerCount()).toBe(0);
});

test('media overtakes parity that waits', () => {
  burst('parity', 20, false);
  burst('media', 5, true);
  vi.advanceTimersByTime(1);
  expect([countOf('media'), sent.slice(16, 21)]).toEqual([5, Array(5).fill('media')]);
});

test('what is more than a few packets leaves at the pace of the link', () => {
  // One packet a millisecond.
  paceBps = 1_150 * 8 * 1_000;
  burst('media', 36, true);
  vi.advanceTimersByTime(10);
  expect(sent.length).toBe(26);
  vi.advanceTimersByTime(10);
  expect(sent.length).toBe(36);
});

test('what waits is bounded, and nothing leaves after the end', () => {
  burst('media', 2_000, true);
  expect(sender.wait('more', true)).toBe(false);
  sender.close();
  vi.advanceTimersByTime(1_000);
  expect(sent.length).toBe(16);
});
