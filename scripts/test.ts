/**
 * `npm test`: Chromium, static checks, then every test. Arguments go to vitest (file filters, `-t`).
 * The last line is `N passed, N failed`; a static check counts as one test.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import { runStaticChecks } from './static-checks.ts';
import { ensureChromium } from './system-packages.ts';
import { type Tally, tallyReport } from './vitest-report.ts';

async function runTests(args: string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'longreach-test-'));
  try {
    const file = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { ok } = await runCommand('vitest', ['run', ...reporters, ...args], { inherit: true });
    return tallyReport(existsSync(file) ? readFileSync(file, 'utf8') : undefined, ok);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  try {
    ensureChromium();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
    return;
  }
  const checks = await runStaticChecks();
  const tests = await runTests(process.argv.slice(2));
  const failed = checks.failed + tests.failed;
  console.log(`${checks.passed + tests.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
