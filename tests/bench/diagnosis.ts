/**
 * Who is blamed when something is broken on purpose in the real system, and whether anybody is when nothing is:
 * `npm run bench:diagnosis -- --json [--only NAME] [--healthy N]`.
 */
import type { Diagnosis } from '@longreach/sdk';
import { DiagnosisBed } from './diagnosis/diagnosis-bed.ts';
import { type Fault, faults } from './diagnosis/faults.ts';
import { type HealthyRun, healthyRuns } from './diagnosis/healthy-runs.ts';
import { type FigureRow, numberOption, printReport, textOption } from './report.ts';

/** A page needs this long to find its rate, and a fault to show itself, ms. */
const settleMs = 9_000;
const showMs = 10_000;
/** What a diagnosis looks at: all of it lies within the fault. */
const span = { lookBackMs: 7_000, durationMs: 1_000 };

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function runFault(bed: DiagnosisBed, fault: Fault): Promise<Diagnosis> {
  await bed.open(fault.player ?? 'datagram');
  await sleep(settleMs);
  const mend = await fault.inject(bed);
  try {
    await sleep(showMs);
    return await bed.diagnose(span.lookBackMs, span.durationMs);
  } finally {
    await mend();
  }
}

async function runHealthy(bed: DiagnosisBed, run: HealthyRun): Promise<Diagnosis> {
  for (const leg of ['uplink', 'operator'] as const) await bed.setLink(leg, run.link, run.seed);
  await bed.open(run.player);
  await sleep(settleMs);
  return bed.diagnose(span.lookBackMs, span.durationMs);
}

function tell(name: string, { verdict }: Diagnosis): void {
  const [first] = verdict.findings;
  const evidence = first?.evidence.map(({ figure, value, unit }) => `${figure} ${value} ${unit}`);
  const others = verdict.findings.slice(1).map(({ cause }) => cause);
  const text = first ? `${first.stage}: ${first.cause} (${evidence?.join(', ')})` : 'healthy';
  console.error(`${name}: ${text}${others.length > 0 ? `; also ${others.join(', ')}` : ''}`);
}

const only = textOption('only');
const chosen = faults.filter(({ name }) => only === undefined || name === only);
const healthy = healthyRuns(numberOption('healthy', only === undefined ? 20 : 0));
const bed = await DiagnosisBed.start();
const rows: FigureRow[] = [];
let right = 0;
let falseBlame = 0;
try {
  for (const fault of chosen) {
    const diagnosis = await runFault(bed, fault);
    tell(fault.name, diagnosis);
    const { stage } = diagnosis.verdict;
    if (stage === fault.stage) right += 1;
    rows.push({ figure: fault.name, seen: stage, reach: fault.stage });
  }
  for (const run of healthy) {
    const diagnosis = await runHealthy(bed, run);
    tell(run.name, diagnosis);
    const { stage } = diagnosis.verdict;
    if (stage !== 'healthy') falseBlame += 1;
    rows.push({ figure: run.name, seen: stage, reach: 'healthy' });
  }
} finally {
  await bed.close();
}
const result = { right, of: chosen.length, falseBlame, healthyRuns: healthy.length };
rows.push({ figure: 'right', seen: `${right} of ${chosen.length}`, reach: '11 of 12' });
rows.push({
  figure: 'blamed though healthy',
  seen: `${falseBlame} of ${healthy.length}`,
  reach: '0',
});
printReport('Diagnosis: who is blamed', rows, result);
process.exit(0);
