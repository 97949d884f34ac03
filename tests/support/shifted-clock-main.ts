/**
 * Loaded ahead of the machine's processes (`node --import`): everything in them that tells the time by a monotonic
 * clock gets a shifted one. Other programs that inherit it are left alone.
 */
import { basename } from 'node:path';
import process from 'node:process';
import { type ClockShift, clockShiftVariable, shiftedUs } from './shifted-clock.ts';

const machinePrograms = ['guard-main', 'vehicle-main', 'media-main', 'transport-main'];
const nsPerSecond = 1_000_000_000n;

function shiftClocks(shift: ClockShift): void {
  const realNs = process.hrtime.bigint.bind(process.hrtime);
  const realNowMs = performance.now.bind(performance);
  const startMs = realNowMs();
  const nowNs = (): bigint => {
    const ns = realNs();
    // What is added is small enough to be exact as a number; the clock itself may not be.
    const realUs = Number(ns) / 1000;
    return ns + BigInt(Math.round((shiftedUs(realUs, shift) - realUs) * 1000));
  };
  const hrtime = (since?: [number, number]): [number, number] => {
    const ns = nowNs();
    const pair: [number, number] = [Number(ns / nsPerSecond), Number(ns % nsPerSecond)];
    if (since === undefined) return pair;
    const passed = ns - (BigInt(since[0]) * nsPerSecond + BigInt(since[1]));
    return [Number(passed / nsPerSecond), Number(passed % nsPerSecond)];
  };
  process.hrtime = Object.assign(hrtime, { bigint: nowNs });
  performance.now = () => {
    const nowMs = realNowMs();
    return nowMs + ((nowMs - startMs) * shift.driftPpm) / 1_000_000;
  };
}

const given = process.env[clockShiftVariable];
const program = basename(process.argv[1] ?? '', '.ts');
if (given !== undefined && machinePrograms.includes(program)) {
  shiftClocks(JSON.parse(given) as ClockShift);
}
