import { expect, it } from 'vitest';
import { pictureAgeMs, pictureStateOf } from './picture-age.ts';

it('P1 adds the time on screen to the age at presentation, which is never negative', () => {
  expect(pictureAgeMs({ presentedMs: 100, ageWhenPresentedMs: 40 }, 150)).toBe(90);
  expect(pictureAgeMs({ presentedMs: 100, ageWhenPresentedMs: -4000 }, 700)).toBe(600);
  expect(pictureAgeMs(undefined, 100)).toBe(Number.POSITIVE_INFINITY);
});

it('P2 calls a picture old above 300 ms and stale above 500 ms', () => {
  const states = [0, 300, 301, 500, 501, Number.POSITIVE_INFINITY].map(pictureStateOf);
  expect(states).toEqual(['fresh', 'fresh', 'old', 'old', 'stale', 'none']);
});
