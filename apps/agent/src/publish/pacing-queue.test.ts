import { expect, test } from 'vitest';
import { Lane, PacingQueue } from './pacing-queue.ts';

const megabit = { kind: 'estimated', bitrateBps: 1_000_000 } as const;

function packets(count: number): Uint8Array[] {
  return Array.from({ length: count }, () => new Uint8Array(1162));
}

/** Sends until `untilUs` in steps of 1 ms; when each packet left, by tag. */
function run(queue: PacingQueue<string>, fromUs: number, untilUs: number) {
  const left: Array<{ atUs: number; tag: string }> = [];
  for (let atUs = fromUs; atUs <= untilUs; atUs += 1000) {
    queue.release(atUs, (_, tag) => left.push({ atUs, tag }));
  }
  return left;
}

test('on a thin link a small frame leaves at once, a key frame at two to three times the rate', () => {
  const queue = new PacingQueue<string>();
  queue.setRate(megabit, 0);
  queue.push(Lane.main, packets(4), 'delta', 0);
  expect(run(queue, 0, 0)).toHaveLength(4);
  queue.push(Lane.main, packets(30), 'key', 200_000);
  const left = run(queue, 200_000, 400_000);
  expect(left).toHaveLength(30);
  const spanUs = (left.at(-1)?.atUs ?? 0) - (left[0]?.atUs ?? 0);
  // 30 packets are 288 ms of this link.
  expect(spanUs).toBeGreaterThan(80_000);
  expect(spanUs).toBeLessThan(130_000);
});

test('on a good link a frame and its parity are out in a few milliseconds', () => {
  const queue = new PacingQueue<string>();
  queue.setRate({ kind: 'estimated', bitrateBps: 10_000_000 }, 0);
  queue.push(Lane.main, packets(10), 'media', 0);
  queue.push(Lane.main, packets(12), 'parity', 0);
  const left = run(queue, 0, 10_000);
  expect(left).toHaveLength(22);
  expect(left.at(-1)?.atUs).toBeLessThanOrEqual(4000);
});

test('all streams share one budget, repeats and the main stream go first', () => {
  const queue = new PacingQueue<string>();
  queue.setRate(megabit, 0);
  queue.push(Lane.small, packets(20), 'small', 0);
  queue.push(Lane.other, packets(20), 'other', 0);
  queue.push(Lane.main, packets(20), 'main', 0);
  queue.push(Lane.repeat, packets(2), 'repeat', 0);
  const left = run(queue, 0, 1_000_000);
  expect(left.map(({ tag }) => tag).filter((tag, i, all) => tag !== all[i - 1])).toEqual([
    'repeat',
    'main',
    'other',
    'small',
  ]);
  expect(left[10]?.atUs).toBeGreaterThan(10_000);
});

test('the backlog is what the link needs for everything that it was handed', () => {
  const queue = new PacingQueue<string>();
  expect(queue.backlogUs(0)).toBe(0);
  queue.setRate(megabit, 0);
  queue.push(Lane.main, packets(20), 'main', 0);
  expect(queue.backlogUs(0)).toBeCloseTo(192_000, -3);
  run(queue, 0, 100_000);
  expect(queue.backlogUs(100_000)).toBeCloseTo(92_000, -3);
  expect(queue.backlogUs(1_000_000)).toBe(0);
});

test('a frame without room is refused whole', () => {
  const queue = new PacingQueue<string>();
  queue.setRate(megabit, 0);
  expect(queue.push(Lane.main, packets(2000), 'key', 0)).toBe(true);
  expect(queue.push(Lane.main, packets(100), 'key', 0)).toBe(false);
  queue.clear();
  expect(queue.nextUs).toBeUndefined();
});

test('without room only repeats leave, and the rest as soon as there is some', () => {
  const queue = new PacingQueue<string>();
  queue.setRate({ kind: 'estimated', bitrateBps: 10_000_000 }, 0);
  queue.roomBytes = 2_000;
  queue.push(Lane.main, packets(5), 'main', 0);
  expect(run(queue, 0, 10_000)).toHaveLength(2);
  expect(queue.heldBytes).toBe(3_600);
  expect(queue.nextUs).toBeUndefined();
  queue.push(Lane.repeat, packets(1), 'repeat', 10_000);
  expect(run(queue, 10_000, 20_000).map(({ tag }) => tag)).toEqual(['repeat']);
  queue.roomBytes = 10_000;
  expect(run(queue, 20_000, 30_000).map(({ tag }) => tag)).toEqual(['main', 'main', 'main']);
  expect(queue.heldBytes).toBe(0);
});
