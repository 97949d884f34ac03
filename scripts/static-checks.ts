import { runCommand } from './run-command.ts';
import { findSourceRuleBreaks } from './source-rules.ts';

type StaticCheck = { name: string; run: () => Promise<{ ok: boolean; output: string }> };

const checks: StaticCheck[] = [
  { name: 'types', run: () => runCommand('tsc', ['-p', '.', '--pretty', 'false']) },
  { name: 'lint', run: () => runCommand('biome', ['check', '--error-on-warnings', '.']) },
  {
    name: 'dependencies',
    run: () =>
      runCommand('depcruise', [
        '--config',
        '.dependency-cruiser.cjs',
        'packages',
        'apps',
        'scripts',
        'tests',
      ]),
  },
  { name: 'unused', run: () => runCommand('knip', ['--no-progress']) },
  {
    name: 'source rules',
    run: async () => {
      const breaks = findSourceRuleBreaks();
      return { ok: breaks.length === 0, output: breaks.join('\n') };
    },
  },
];

/** Runs every static check, two at a time, printing one line each and the output of those that fail. */
export async function runStaticChecks(): Promise<{ passed: number; failed: number }> {
  const waiting = [...checks];
  const tally = { passed: 0, failed: 0 };
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const startedMs = performance.now();
      const { ok, output } = await check.run();
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      console.log(`${ok ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
      if (!ok) console.log(output.trimEnd());
      tally[ok ? 'passed' : 'failed']++;
    }
  };
  await Promise.all([worker(), worker()]);
  return tally;
}
