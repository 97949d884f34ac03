import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StreamKeyFrames } from './stream-key-frames.ts';

/** Follows the moved time of the tests. */
const clock = { nowUs: () => Date.now() * 1000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first wish goes out at once, later ones become one after 200 ms, streams are apart', () => {
  const asked: number[] = [];
  const requests = new StreamKeyFrames(clock, (streamId) => asked.push(streamId));
  requests.want(0);
  requests.want(0);
  requests.want(0);
  requests.want(1);
  expect(asked).toEqual([0, 1]);
  vi.advanceTimersByTime(200);
  expect(asked).toEqual([0, 1, 0]);
  vi.advanceTimersByTime(1000);
  expect(asked).toEqual([0, 1, 0]);
  requests.close();
});

test('a key frame that came in between serves the wish', () => {
  const asked: number[] = [];
  const requests = new StreamKeyFrames(clock, (streamId) => asked.push(streamId));
  requests.want(0);
  requests.want(0);
  requests.handleKeyFrame(0);
  vi.advanceTimersByTime(1000);
  expect(asked).toEqual([0]);
  expect(vi.getTimerCount()).toBe(0);
});
