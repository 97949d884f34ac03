/**
 * Weak networks: what an operator sees of a driving machine through emulated networks on either leg, in a headed
 * Chromium; ground truth is the in-pixel stamp in the X server's framebuffer, read by another process. Each run has
 * networks, server, machine and browser of its own and counts from 8 s after its first picture.
 * Options: --json, --profile NAME (of a network, or with its place: loss10-both), --seconds N (of one run, default 60),
 * --seeds N (runs of each), --seed N (the first, default 1), --player datagram|rtp|plain (default datagram; plain:
 * repeats alone and the browser's own settings), --beside rtp|plain|none (another player on the same networks in
 * turn; default: plain beside rtp, else none), --timeline (a line for each second of each run, on standard error).
 */
import { rm } from 'node:fs/promises';
import { buildPage } from './latency/build-page.ts';
import { startVirtualScreen } from './latency/virtual-screen.ts';
import {
  measureRun,
  NoPictureError,
  type PlayerName,
  type RunOptions,
} from './network/measure-run.ts';
import { type JudgedRun, type NetworkFigures, networkFigures } from './network/network-figures.ts';
import { networkRows } from './network/network-rows.ts';
import { chooseScenarios, type Scenario } from './network/scenarios.ts';
import { timelineOf } from './network/timeline.ts';
import { type FigureRow, numberOption, printReport, textOption } from './report.ts';

/** What one scenario gave with one player. */
type Outcome = { figures: NetworkFigures | undefined; failures: string[] };

const players = ['datagram', 'rtp', 'plain'] as const;
const defaultSeconds = 60;
/** Below the picture, so that a window is not full screen by chance. */
const screenMargin = 80;

const seconds = numberOption('seconds', defaultSeconds);
const firstSeed = numberOption('seed', 1);
const player = playerOption('player', 'datagram');
const beside = besideOption();
const chosen = chooseScenarios(textOption('profile'));
const pageDir = await buildPage(new URL('./network/page', import.meta.url));

function playerOption(name: string, fallback: PlayerName): PlayerName {
  const said = textOption(name) ?? fallback;
  const found = players.find((one) => one === said);
  if (!found) throw new RangeError(`--${name} is one of ${players.join(', ')}`);
  return found;
}

function besideOption(): PlayerName | undefined {
  const fallback = player === 'rtp' ? 'plain' : 'none';
  if ((textOption('beside') ?? fallback) === 'none') return undefined;
  return playerOption('beside', 'plain');
}

/** All seeds of one scenario, with each player in turn so that what happens besides hits all of them alike. */
async function measure(scenario: Scenario, measured: PlayerName[]): Promise<Outcome[]> {
  const { width, height } = scenario.picture;
  const screen = await startVirtualScreen({ width, height: height + screenMargin });
  const judged = measured.map((): JudgedRun[] => []);
  const failures = measured.map((): string[] => []);
  const seeds = numberOption('seeds', scenario.seeds);
  try {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      for (const [i, name] of measured.entries()) {
        const label = `${scenario.key}, ${name}, seed ${seed}`;
        try {
          const options = { scenario, seed, player: name, seconds, screen, pageDir };
          const run = await measureOnce(options, label);
          judged[i]?.push(run);
          if (process.argv.includes('--timeline')) timelineOf(run.run).forEach(progress);
          const { lag150, latencyP50, fps } = networkFigures([run]);
          progress(`${label}: lag150 ${lag150} %, p50 ${latencyP50} ms, ${fps} fps`);
        } catch (error) {
          failures[i]?.push(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
          progress(`${label}: FAILED: ${error instanceof Error ? error.stack : error}`);
        }
      }
    }
  } finally {
    await screen.close();
  }
  return measured.map((_, i) => {
    const runs = judged[i] ?? [];
    return {
      figures: runs.length > 0 ? networkFigures(runs) : undefined,
      failures: failures[i] ?? [],
    };
  });
}

/** Under so much loss that no connection comes about, it is made before the network turns bad; the result says so. */
async function measureOnce(options: RunOptions, label: string): Promise<JudgedRun> {
  const { seed } = options;
  try {
    return { seed, run: await measureRun(options), connectedCalmly: false };
  } catch (error) {
    if (!(error instanceof NoPictureError)) throw error;
    progress(`${label}: no picture came; again, connecting before the network turns bad`);
    const run = await measureRun({ ...options, connectsCalmly: true });
    return { seed, run, connectedCalmly: true };
  }
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  const rows: FigureRow[] = [];
  const result: Record<string, object> = {};
  for (const scenario of chosen) {
    const [own, other] = await measure(scenario, beside ? [player, beside] : [player]);
    if (!own) throw new Error('invariant broken: a scenario was not measured');
    rows.push(...networkRows(scenario.key, own.figures, scenario.reach));
    if (beside && other) rows.push(...networkRows(`  beside: ${beside}`, other.figures));
    result[scenario.key] = {
      ...own.figures,
      player,
      failures: own.failures,
      ...(beside && other ? { [beside]: { ...other.figures, failures: other.failures } } : {}),
    };
    for (const failure of [...own.failures, ...(other?.failures ?? [])]) {
      rows.push({ figure: '  FAILED', seen: failure });
      process.exitCode = 1;
    }
  }
  printReport(`Weak networks, ${player} player, runs of ${seconds} s`, rows, result);
} finally {
  await rm(pageDir, { recursive: true, force: true });
}
