import { expect, it } from 'vitest';
import { tallyReport } from './vitest-report.ts';

const passed = { status: 'passed', assertionResults: [{ status: 'passed' }] };
const report = (fields: object) =>
  JSON.stringify({
    numPassedTests: 2,
    numFailedTests: 0,
    success: true,
    testResults: [passed],
    ...fields,
  });

it('counts passed and failed tests', () => {
  expect(tallyReport(report({}), true)).toEqual({ passed: 2, failed: 0 });
  const failing = { status: 'failed', assertionResults: [{ status: 'failed' }] };
  expect(
    tallyReport(report({ numFailedTests: 1, success: false, testResults: [failing] }), false),
  ).toEqual({ passed: 2, failed: 1 });
});

it('counts a file that could not be loaded as one failure', () => {
  const broken = { status: 'failed', assertionResults: [] };
  expect(
    tallyReport(report({ success: false, testResults: [passed, broken, broken] }), false),
  ).toEqual({ passed: 2, failed: 2 });
});

it('never calls a run good that was not: bad exit, no test, no report', () => {
  expect(tallyReport(report({}), false).failed).toBe(1);
  expect(tallyReport(report({ numPassedTests: 0 }), true).failed).toBe(1);
  expect(tallyReport(undefined, true)).toEqual({ passed: 0, failed: 1 });
  expect(tallyReport('{"numPassed', true)).toEqual({ passed: 0, failed: 1 });
});
