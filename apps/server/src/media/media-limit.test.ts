import { expect, test } from 'vitest';
import { MediaLimit } from './media-limit.ts';

const master = (limitBps: number) => ({ isMaster: true, limitBps });
const guest = (limitBps: number) => ({ isMaster: false, limitBps });

test("the least of the master's links counts, guests' never lower it", () => {
  const limit = new MediaLimit();
  const links = [guest(300_000), master(3_000_000), master(2_000_000), guest(9_000_000)];
  expect(limit.take(links, true, 0)).toBe(2_000_000);
});

test('it is told every 100 ms, and at once when it falls by more than a tenth', () => {
  const limit = new MediaLimit();
  expect(limit.take([master(2_000_000)], true, 0)).toBe(2_000_000);
  expect(limit.take([master(1_900_000)], true, 50_000)).toBeUndefined();
  expect(limit.take([master(1_700_000)], true, 60_000)).toBe(1_700_000);
  expect(limit.take([master(1_700_000)], true, 150_000)).toBeUndefined();
  expect(limit.take([master(1_700_000)], true, 160_000)).toBe(1_700_000);
});

test("before anybody is master the best guest's counts; nobody, or an unknown link, limits nothing", () => {
  expect(new MediaLimit().take([guest(300_000), guest(800_000)], false, 0)).toBe(800_000);
  expect(new MediaLimit().take([guest(300_000)], true, 0)).toBe(100_000_000);
  expect(new MediaLimit().take([], false, 0)).toBe(100_000_000);
  const unknown = { isMaster: true, limitBps: undefined };
  expect(new MediaLimit().take([unknown, guest(1)], true, 0)).toBe(100_000_000);
});
