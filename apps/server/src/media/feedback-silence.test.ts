import { expect, test } from 'vitest';
import { FeedbackSilence } from './feedback-silence.ts';

/** Key frames due in ten seconds, looked at every 10 ms. */
function dueIn10s(silence: FeedbackSilence, canAsk: boolean, lossShare: number): number {
  let due = 0;
  for (let at = 0; at < 10_000_000; at += 10_000) {
    if (silence.takeDue(canAsk, lossShare, at)) due += 1;
  }
  return due;
}

test('a viewer whose channel is not up gets a key frame every 1.5 s, one that can ask on a good link none', () => {
  expect(dueIn10s(new FeedbackSilence(), false, 0)).toBe(6);
  expect(dueIn10s(new FeedbackSilence(), true, 0.1)).toBe(0);
});

test('under heavy loss a viewer that has not asked for long gets one, and none while it asks', () => {
  expect(dueIn10s(new FeedbackSilence(), true, 0.5)).toBe(6);
  const silence = new FeedbackSilence();
  for (let at = 0; at < 10_000_000; at += 1_000_000) {
    silence.handleRequest(at);
    expect(silence.takeDue(true, 0.5, at + 900_000)).toBe(false);
  }
});
