import { notReceived, type TransportFeedback } from '@longreach/rtp';
import { expect, test } from 'vitest';
import { FeedbackWatch } from './feedback-watch.ts';

function feedback(feedbackCount: number, baseSequence: number, arrivals: number[]) {
  const parts = { senderSsrc: 1, mediaSsrc: 2, referenceTime: 0 };
  const packet = { type: 'transportFeedback', ...parts, feedbackCount, baseSequence } as const;
  return { ...packet, arrivals: Int32Array.from(arrivals) } satisfies TransportFeedback;
}

/** The sequence wraps after 2.4 s. */
const firstSequence = 65_300;

/** Packets every 10 ms, each answered after `delayMs` at the next feedback of 25 ms; gives when it was late first, ms. */
function run(
  delayMs: (sentMs: number) => number,
  ms: number,
  lost = (_: number) => false,
  queueUs = 100_000,
) {
  const watch = new FeedbackWatch();
  let told = -1;
  let count = 0;
  let lateMs: number | undefined;
  let alarms = 0;
  let wasLate = false;
  for (let nowMs = 0; nowMs < ms; nowMs += 5) {
    const sequence = firstSequence + nowMs / 10;
    if (nowMs % 10 === 0) watch.handleSent(sequence & 0xffff, 1_000, nowMs * 1000);
    if (nowMs % 25 === 0) {
      let newest = told;
      while ((newest + 1) * 10 + delayMs((newest + 1) * 10) <= nowMs) newest += 1;
      const arrivals = Array.from({ length: newest - told }, () => 0);
      count += 1;
      if (newest > told && !lost(count)) {
        const packet = feedback(count & 0xff, (firstSequence + told + 1) & 0xffff, [
          ...arrivals,
          notReceived,
        ]);
        watch.handleFeedback(packet, nowMs * 1000);
      }
      told = newest;
    }
    watch.tick(nowMs * 1000, queueUs);
    if (watch.isLate) lateMs ??= nowMs;
    if (watch.isLate && !wasLate) alarms += 1;
    wasLate = watch.isLate;
  }
  return { watch, lateMs, alarms };
}

test('nothing is late on a steady way, a short or a long one, also over the wrap of the sequence', () => {
  expect(run(() => 15, 5000).lateMs).toBeUndefined();
  expect(run((sentMs) => (sentMs < 1000 ? 15 : 15 + Math.min(120, sentMs / 50)), 9000).lateMs).toBe(
    undefined,
  );
});

test('a queue that grows is seen within 200 ms', () => {
  const { lateMs } = run((sentMs) => (sentMs < 3000 ? 15 : 15 + (sentMs - 3000) * 2), 3400);
  expect(lateMs).toBeGreaterThan(3000);
  expect(lateMs).toBeLessThan(3200);
});

test('a queue that grows slowly does not become usual meanwhile', () => {
  const { lateMs } = run((sentMs) => (sentMs < 3000 ? 15 : 15 + (sentMs - 3000) / 2), 3400);
  expect(lateMs).toBeGreaterThan(3000);
  expect(lateMs).toBeLessThan(3160);
});

test('a way that stays longer is not late for long', () => {
  const { watch, lateMs } = run((sentMs) => (sentMs < 3000 ? 15 : 150), 5000);
  expect(lateMs).toBeDefined();
  expect(watch.isLate).toBe(false);
});

test('feedback that is lost by chance is not taken for a queue', () => {
  expect(
    run(
      () => 15,
      3000,
      (count) => count % 3 === 1,
    ).lateMs,
  ).toBeUndefined();
});

test('where answers are late every now and then without a queue it becomes patient', () => {
  const stalls = (sentMs: number) => 15 + (sentMs % 400 < 20 ? 150 - (sentMs % 400) : 0);
  const patient = run(stalls, 12_000, undefined, 0);
  const strict = run(stalls, 12_000);
  expect(strict.alarms).toBeGreaterThan(20);
  expect(patient.alarms).toBeLessThan(strict.alarms / 2);
});

test('with everything answered nothing is on the way', () => {
  const watch = new FeedbackWatch();
  watch.handleSent(7, 1_000, 0);
  watch.handleSent(8, 500, 0);
  expect(watch.isAnswered).toBe(false);
  watch.handleFeedback(feedback(0, 7, [0, notReceived]), 20_000);
  expect(watch.inFlightBytes).toBe(500);
  watch.handleFeedback(feedback(1, 8, [0]), 30_000);
  expect(watch.isAnswered).toBe(true);
  expect(watch.inFlightBytes).toBe(0);
});
