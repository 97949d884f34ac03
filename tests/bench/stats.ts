/**
 * What the SDK says of itself, against the truth. Latency: its means over periods and seconds against the in-pixel
 * stamps that show in the X server's framebuffer, while the machine's clock is 10 s off and drifts by 100 ppm. Frozen
 * time: its lag100 and lag150 against the counters in the pixels, while the filming process is held for known times of
 * 2 s and more. Cost: the CPU time of the page with 16 tracks, with statistics often less without.
 * Options: --json, --seconds N (of one latency run, default 30), --rounds N (of the cost, default 6).
 */
import { rm } from 'node:fs/promises';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import {
  type ClockShift,
  clockShiftFromNow,
  withShiftedMachine,
} from '../support/shifted-clock.ts';
import { buildPage } from './latency/build-page.ts';
import { type StampReader, startStampReader } from './latency/stamp-reader.ts';
import { createTraceFolder } from './latency/trace-folder.ts';
import { startVirtualScreen, type VirtualScreen } from './latency/virtual-screen.ts';
import {
  ascending,
  type FigureRow,
  numberOption,
  printReport,
  quantile,
  rounded,
} from './report.ts';
import { measureStatsCost, type StatsCost } from './stats/cost-check.ts';
import { checkFreezes, type LagCheck } from './stats/lag-check.ts';
import {
  type LatencyErrors,
  type LatencyRun,
  latencyErrors,
  runLatency,
} from './stats/latency-check.ts';
import { startTwoMachines } from './stats/two-machines.ts';
import { openWatchedPage, type PlayerName } from './stats/watched-page.ts';

type Place = { pageDir: string; screen: VirtualScreen; reader: StampReader };
type Checked = { player: PlayerName; latency: LatencyErrors; lag: LagCheck[] };

const players: PlayerName[] = ['datagram', 'rtp'];
const seconds = numberOption('seconds', 30);
const rounds = numberOption('rounds', 6);
/** Just off the screen's 60 Hz half, so that a run sweeps the phase between picture and refresh. */
const frontFps = 29.97;

/** Both players in turn before a machine whose clock is off. */
async function checkMachine(place: Place, offsetS: number, driftPpm: number): Promise<Checked[]> {
  const traces = await createTraceFolder();
  try {
    const shift = clockShiftFromNow(offsetS * 1_000_000, driftPpm);
    const start = () => startLocalSystem({ stamp: true, frontFps, cockpitDir: place.pageDir });
    const system = await traces.tracing(() => withShiftedMachine(shift, start));
    const watched: { player: PlayerName; run: LatencyRun; lag: LagCheck[] }[] = [];
    try {
      for (const player of players) {
        watched.push({ player, ...(await watch(place, system, player, shift)) });
      }
    } finally {
      await system.close();
    }
    const { worker } = await traces.read();
    return watched.map(({ player, run, lag }) => ({
      player,
      latency: latencyErrors(run, worker),
      lag,
    }));
  } finally {
    await traces.close();
  }
}

async function watch(
  { screen, reader }: Place,
  system: LocalSystem,
  player: PlayerName,
  shift: ClockShift,
): Promise<{ run: LatencyRun; lag: LagCheck[] }> {
  const page = await openWatchedPage(system, screen, player);
  try {
    const run = await runLatency(page, reader, shift, seconds);
    const filmingPid = system.agent.pids().media;
    if (filmingPid === undefined) throw new Error('the machine does not film');
    return { run, lag: await checkFreezes(page, reader, filmingPid) };
  } finally {
    await page.close();
  }
}

async function checkCost(pageDir: string): Promise<Record<PlayerName, StatsCost>> {
  const machines = await startTwoMachines(pageDir);
  try {
    return {
      datagram: await measureStatsCost(machines, 'datagram', rounds),
      rtp: await measureStatsCost(machines, 'rtp', rounds),
    };
  } finally {
    await machines.close();
  }
}

function rowsOf(name: string, { player, latency, lag }: Checked): FigureRow[] {
  const errors = ascending(latency.latency.map(Math.abs));
  const firsts = ascending(latency.latency1.map(Math.abs));
  const mean = latency.latency.reduce((sum, one) => sum + one, 0) / latency.latency.length;
  const at = (sorted: number[], share: number) => rounded(quantile(sorted, share));
  return [
    {
      figure: `${name}, ${player}: latency, |said − true|, p50, p95, most, ms`,
      seen: `${at(errors, 0.5)}, ${at(errors, 0.95)}, ${at(errors, 1)}`,
      reach: 'p95 <= 5',
    },
    { figure: '  mean of said − true, ms', seen: `${rounded(mean)} of ${errors.length}` },
    { figure: '  latency1, p50, p95, ms', seen: `${at(firsts, 0.5)}, ${at(firsts, 0.95)}` },
    {
      figure: '  said uncertainty, most, ms; share within it',
      seen: `${rounded(Math.max(...latency.uncertainties))}; ${rounded(latency.honestShare, 3)}`,
      reach: '<= 5',
    },
    ...lag.map(lagRow),
  ];
}

function lagRow(check: LagCheck): FigureRow {
  const { lastedMs, gapMs, otherGapMs, periodEnds, error100Pct, error150Pct } = check;
  return {
    figure: `  held ${rounded(lastedMs, 0)} ms, ${periodEnds} period ends: gap, next, ms; lag100, lag150 off, %`,
    seen: `${rounded(gapMs, 0)}, ${rounded(otherGapMs, 0)}; ${rounded(error100Pct)}, ${rounded(error150Pct)}`,
    reach: '<= 1',
  };
}

function costRows(costs: Record<PlayerName, StatsCost>): FigureRow[] {
  return players.flatMap((player) => {
    const { collectionMs, collectionsPct, frameMs, framesPct } = costs[player];
    return [
      {
        figure: `${player}, 16 tracks: statistics, % of a core`,
        seen: `${rounded(collectionsPct)}`,
        reach: '<= 1',
      },
      { figure: '  one collection of 8 tracks, CPU ms', seen: `${rounded(collectionMs)}` },
      {
        figure: '  looking at a presented frame, ms; at 16 x 30 a second, % of a core',
        seen: `${rounded(frameMs, 4)}; ${rounded(framesPct)}`,
      },
    ];
  });
}

async function preparePlace(): Promise<Place & { close(): Promise<void> }> {
  const pageDir = await buildPage(new URL('./stats/page', import.meta.url));
  const screen = await startVirtualScreen();
  const reader = startStampReader(screen.framebufferPath);
  const close = async () => {
    await reader.close();
    await screen.close();
    await rm(pageDir, { recursive: true, force: true });
  };
  return { pageDir, screen, reader, close };
}

const place = await preparePlace();
try {
  const ahead = await checkMachine(place, 10, 100);
  const behind = await checkMachine(place, -10, -100);
  await place.reader.close();
  const costs = await checkCost(place.pageDir);
  const all = [...ahead, ...behind];
  const errors = ascending(all.flatMap(({ latency }) => latency.latency.map(Math.abs)));
  const lags = all.flatMap(({ lag }) => lag);
  printReport(
    'Statistics against the truth',
    [
      ...ahead.flatMap((one) => rowsOf('+10 s, +100 ppm', one)),
      ...behind.flatMap((one) => rowsOf('-10 s, -100 ppm', one)),
      ...costRows(costs),
    ],
    {
      latencyErrorP95Ms: rounded(quantile(errors, 0.95)),
      lagErrorPct: rounded(
        Math.max(...lags.flatMap(({ error100Pct, error150Pct }) => [error100Pct, error150Pct])),
      ),
      clockUncertaintyMs: rounded(Math.max(...all.flatMap(({ latency }) => latency.uncertainties))),
      cpuPct: rounded(Math.max(...players.map((player) => costs[player].collectionsPct))),
    },
  );
} finally {
  await place.close();
}
process.exit(0);
