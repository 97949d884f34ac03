import { expect, test } from 'vitest';
import { FlightWindow } from './flight-window.ts';

const targetBps = 2_000_000;

/** A window that saw answers every 20 ms from 0 to `seconds`, each needing what `bytesAt` says. */
function windowAfter(seconds: number, bytesAt: (us: number) => number): FlightWindow {
  const window = new FlightWindow();
  for (let us = 0; us < seconds * 1e6; us += 20_000) window.handleUsual(bytesAt(us), us);
  return window;
}

test('nothing is held back until two seconds were seen', () => {
  expect(windowAfter(1.9, () => 20_000).limitBytes(targetBps, 1.9e6)).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(windowAfter(2.1, () => 20_000).limitBytes(targetBps, 2.1e6)).toBeCloseTo(21_000, -1);
});

test('one second that needed more than the others is an accident, two are a need', () => {
  const accident = windowAfter(4, (us) => (us >= 3e6 && us < 3.1e6 ? 60_000 : 20_000));
  expect(accident.limitBytes(targetBps, 4e6)).toBeCloseTo(21_000, -1);
  const need = windowAfter(4, (us) => (us >= 2e6 ? 60_000 : 20_000));
  expect(need.limitBytes(targetBps, 4e6)).toBeCloseTo(63_000, -1);
});

test('needs of more than four seconds ago count no more', () => {
  const window = windowAfter(10, (us) => (us < 4e6 ? 60_000 : 20_000));
  expect(window.limitBytes(targetBps, 10e6)).toBeCloseTo(21_000, -1);
});

test('a few packets, and 30 ms of the rate, are always let on their way', () => {
  const idle = windowAfter(4, () => 100);
  expect(idle.limitBytes(targetBps, 4e6)).toBe(12_000);
  expect(idle.limitBytes(10_000_000, 4e6)).toBe(37_500);
});
