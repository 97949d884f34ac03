import { decodeReport, encodeReport } from '@longreach/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GuardStatus } from '../local/messages.ts';
import { describeState, ReportSender } from './report-sender.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const status: GuardStatus = {
  mode: 'armed',
  epoch: 3,
  releasedSequence: 5,
  releasedCaptureTimeUs: 900_000,
  released: 6,
  refused: 2,
  lastRefusal: 6,
  actuator: true,
};

test('nothing known is a report of unknowns that still encodes', () => {
  const report = describeState({
    sequence: 1,
    nowUs: 5,
    clock: undefined,
    status: undefined,
    statusUs: 0,
    vehicle: undefined,
  });
  expect(report).toMatchObject({ guardMode: 'fault', loopAgeMs: NaN, speedMps: NaN });
  expect(decodeReport(encodeReport(report))).toMatchObject({ clockUncertaintyUs: Infinity });
});

test('reports go out 50 times a second, at once on a change of mode, and a silent guard reads as fault', () => {
  let nowUs = 1_000_000;
  const modes: unknown[] = [];
  const sender = new ReportSender({
    nowUs: () => nowUs,
    clockOffset: () => undefined,
    send: (frame) => {
      const report = decodeReport(frame);
      modes.push(report?.kind === 'state' ? [report.guardMode, Math.round(report.loopAgeMs)] : '?');
    },
  });
  sender.handleStatus(status);
  expect(modes).toEqual([['armed', 100]]);
  sender.handleStatus({ ...status, mode: 'braking' });
  expect(modes.at(-1)).toEqual(['braking', 100]);
  nowUs += 400_000;
  vi.advanceTimersByTime(1000);
  expect(modes).toHaveLength(52);
  expect(modes.at(-1)).toEqual(['braking', 500]);
  nowUs += 200_000;
  vi.advanceTimersByTime(20);
  expect(modes.at(-1)).toEqual(['fault', 700]);
  sender.handleGuardLost();
  expect(modes).toHaveLength(54);
  sender.close();
});
