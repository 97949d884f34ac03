import { z } from 'zod';

// Only what is counted; vitest writes more.
const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  success: z.boolean(),
  testResults: z.array(
    z.object({
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
});

/** Tests that passed and failed. */
export type Tally = { passed: number; failed: number };

/**
 * Counts the tests of a vitest JSON report. A file that failed before its first test counts as one failure,
 * and so does a run that failed without a failed test, that found no test, or that left no report.
 */
export function tallyReport(text: string | undefined, exitedWell: boolean): Tally {
  const report = reportSchema.safeParse(text === undefined ? undefined : parseJson(text));
  if (!report.success) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, testResults } = report.data;
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length;
  const failed = numFailedTests + brokenFiles;
  const ranWell = exitedWell && report.data.success && numPassedTests > 0;
  return { passed: numPassedTests, failed: failed === 0 && !ranWell ? 1 : failed };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
