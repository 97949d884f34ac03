import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ClockShift, shiftedUs, withShiftedMachine } from './shifted-clock.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shifted-clock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the clocks of a program of this name say, µs. */
function clocksOf(program: string): { pairUs: number; bigUs: number } {
  const path = join(folder, `${program}.ts`);
  writeFileSync(
    path,
    'const [s, ns] = process.hrtime(); const big = Number(process.hrtime.bigint()) / 1000;\n' +
      'console.log(JSON.stringify({ pairUs: s * 1e6 + ns / 1000, bigUs: big }));\n',
  );
  return JSON.parse(execFileSync(process.execPath, [path], { encoding: 'utf8' }));
}

function nowUs(): number {
  return Number(process.hrtime.bigint()) / 1000;
}

test('the machine’s processes live by the shifted clock, the server’s do not', async () => {
  const shift: ClockShift = { offsetUs: -10_000_000, driftPpm: 100, originUs: nowUs() - 3.6e9 };
  const beforeUs = nowUs();
  const [machine, worker] = await withShiftedMachine(shift, async () => [
    clocksOf('media-main'),
    clocksOf('worker-main'),
  ]);
  const afterUs = nowUs();
  // An hour of 100 ppm is 360 ms.
  for (const shownUs of [machine?.pairUs ?? 0, machine?.bigUs ?? 0]) {
    expect(shownUs).toBeGreaterThan(shiftedUs(beforeUs, shift));
    expect(shownUs).toBeLessThan(shiftedUs(afterUs, shift));
    expect(Math.abs(shownUs - beforeUs + 9_640_000)).toBeLessThan(afterUs - beforeUs + 1);
  }
  expect(worker?.pairUs).toBeGreaterThan(beforeUs);
  expect(worker?.bigUs).toBeLessThan(afterUs);
  expect(process.env.NODE_OPTIONS ?? '').not.toContain('shifted-clock');
});
