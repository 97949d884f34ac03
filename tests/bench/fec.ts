import { type LegFigures, type LegOptions, LegSimulation } from './fec/leg-simulation.ts';
import type { PathLoss } from './fec/lossy-path.ts';
import { numberOption, rounded } from './report.ts';

/** Loss repair of one leg in virtual time: `npm run bench:fec -- [--json] [--seconds N] [--seeds N] [--profile NAME]`. */

type Profile = {
  loss: PathLoss;
  rttMs: number;
  reach?: { lag150Pct: number; overheadPct: number };
};

const uniform = (share: number): PathLoss => ({ share, burst: 1 });
const burst: PathLoss = { share: 0.05, burst: 5 };
const profiles: Record<string, Profile> = {
  clean: { loss: uniform(0), rttMs: 15, reach: { lag150Pct: 0, overheadPct: 3 } },
  loss2: { loss: uniform(0.02), rttMs: 15 },
  loss10: { loss: uniform(0.1), rttMs: 15, reach: { lag150Pct: 0.05, overheadPct: 40 } },
  loss10rtt30: { loss: uniform(0.1), rttMs: 30, reach: { lag150Pct: 0.05, overheadPct: 40 } },
  loss30: { loss: uniform(0.3), rttMs: 15, reach: { lag150Pct: 0.2, overheadPct: 150 } },
  loss30rtt30: { loss: uniform(0.3), rttMs: 30, reach: { lag150Pct: 0.2, overheadPct: 150 } },
  loss50: { loss: uniform(0.5), rttMs: 15, reach: { lag150Pct: 3, overheadPct: 300 } },
  loss50rtt30: { loss: uniform(0.5), rttMs: 30, reach: { lag150Pct: 3, overheadPct: 300 } },
  burst: { loss: burst, rttMs: 15, reach: { lag150Pct: 0.15, overheadPct: 60 } },
  burstrtt30: { loss: burst, rttMs: 30, reach: { lag150Pct: 0.15, overheadPct: 60 } },
  far: { loss: uniform(0.05), rttMs: 120, reach: { lag150Pct: 0.5, overheadPct: 80 } },
  loss5rtt240: { loss: uniform(0.05), rttMs: 240, reach: { lag150Pct: 1, overheadPct: 80 } },
  loss10rtt240: { loss: uniform(0.1), rttMs: 240 },
};

function simulate(options: Omit<LegOptions, 'seed'>, seeds: number): LegFigures {
  const runs = Array.from({ length: seeds }, (_, i) =>
    new LegSimulation({ ...options, seed: i + 1 }).run(),
  );
  const figures = { ...(runs[0] as LegFigures) };
  for (const key of Object.keys(figures) as (keyof LegFigures)[]) {
    figures[key] = rounded(runs.reduce((sum, run) => sum + run[key], 0) / seeds, 3);
  }
  return figures;
}

const at = process.argv.indexOf('--profile');
const wanted = at < 0 ? undefined : process.argv[at + 1];
const [seconds, seeds] = [numberOption('seconds', 60), numberOption('seeds', 3)];
const columns = ['lag150Pct', 'overheadPct', 'parityPct', 'repeatsPct'] as const;
const result: Record<string, Record<string, LegFigures>> = {};
console.log(`one leg, ${seeds} x ${seconds} s, 30 fps, 10 packets a frame`);
console.log(
  'profile       code     lag150%  (reach)  overhead%  (reach)  parity%  repeats%  p50 ms  p95 ms  given up  keys',
);
for (const [name, { loss, rttMs, reach }] of Object.entries(profiles)) {
  if (wanted !== undefined && name !== wanted) continue;
  const byCode: Record<string, LegFigures> = {};
  for (const code of ['block', 'window', 'none'] as const) {
    const figures = simulate({ code, loss, rttMs, seconds }, seeds);
    byCode[code] = figures;
    const [lag, overhead, parity, repeats] = columns.map((column) => figures[column].toFixed(2));
    const cells = [
      name.padEnd(13),
      code.padEnd(8),
      lag?.padStart(7),
      `(${reach?.lag150Pct ?? '-'})`.padStart(8),
    ];
    cells.push(
      overhead?.padStart(10),
      `(${reach?.overheadPct ?? '-'})`.padStart(8),
      parity?.padStart(8),
      repeats?.padStart(9),
    );
    cells.push(
      figures.latencyP50Ms.toFixed(1).padStart(7),
      figures.latencyP95Ms.toFixed(1).padStart(7),
    );
    cells.push(figures.givenUp.toFixed(1).padStart(9), figures.keyFrames.toFixed(1).padStart(5));
    console.log(cells.join(' '));
    if (figures.wrong > 0)
      throw new Error(`${name}: ${figures.wrong} packets differ from what was sent`);
  }
  result[name] = byCode;
}
if (process.argv.includes('--json')) console.log(JSON.stringify(result));
