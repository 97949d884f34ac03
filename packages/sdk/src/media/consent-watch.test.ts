import { expect, test } from 'vitest';
import { ConsentWatch } from './consent-watch.ts';

/** Half a minute of counts once a second, with checks at these seconds. */
function watchOf(checksAtS: number[]): ConsentWatch {
  const watch = new ConsentWatch();
  for (let s = 0; s <= 30; s++) {
    watch.handleCount(checksAtS.filter((at) => at <= s).length, s * 1000);
  }
  return watch;
}

test('checks that come every five seconds are well', () => {
  expect(watchOf([1, 6, 11, 16, 21, 26]).isEndangered).toBe(false);
});

test('two in eighteen seconds are too few, whatever came before', () => {
  expect(watchOf([1, 2, 3, 4, 5, 6, 15, 27]).isEndangered).toBe(true);
});

test('nothing is said before it was watched for so long', () => {
  const watch = new ConsentWatch();
  expect(watch.isEndangered).toBe(false);
  for (let s = 0; s < 18; s++) watch.handleCount(0, s * 1000);
  expect(watch.isEndangered).toBe(false);
  watch.handleCount(0, 18_000);
  expect(watch.isEndangered).toBe(true);
});
