/**
 * Capture to visible: from the moment a picture is taken until its in-pixel stamp shows in the X server's framebuffer,
 * read by another process, through server and media worker, in a headed Chromium, by both players. Runs of fresh
 * phase, each in a browser of its own; the rates (29.97 and 59.94) sweep the phase against the 60 Hz of the screen
 * within a run.
 * Only the front camera is watched, and the machine drives forward and back.
 * Options: --json, --standstill, --seconds N (of one run, default 17: a whole sweep), --runs N (default 5).
 */
import { rm } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { type LocalSystem, startLocalSystem } from '../../scripts/local/local-system.ts';
import { buildPage } from './latency/build-page.ts';
import { type Figures, figuresOf } from './latency/figures.ts';
import { measureRun, type PlayerMode, type Run } from './latency/measure-run.ts';
import { type StageFigures, stageFigures } from './latency/stages.ts';
import { type StampReader, startStampReader } from './latency/stamp-reader.ts';
import { createTraceFolder } from './latency/trace-folder.ts';
import { startVirtualScreen, type VirtualScreen } from './latency/virtual-screen.ts';
import { type FigureRow, numberOption, printReport, rounded } from './report.ts';

type Measured = { figures: Figures; stages: StageFigures[] };
type Setting = { name: string; player: PlayerMode };
type Place = { pageDir: string; screen: VirtualScreen; reader: StampReader };

/** What our own receiver may take more than the browser's, in the median. */
const datagramExtraMs = 3;
const seconds = numberOption('seconds', 17);
const drive = !process.argv.includes('--standstill');
const runs = numberOption('runs', 5);

/** Measures several settings on one system, in turn, so that what happens besides hits all of them alike. */
async function measure(place: Place, frontFps: number, settings: Setting[]): Promise<Measured[]> {
  const traces = await createTraceFolder();
  try {
    const raw = settings.map((): Run[] => []);
    const system = await traces.tracing(() =>
      startLocalSystem({ stamp: true, frontFps, cockpitDir: place.pageDir }),
    );
    try {
      for (let run = 0; run < runs; run++) await measureEach(system, place, settings, raw);
    } finally {
      await system.close();
    }
    const trace = await traces.read();
    return raw.map((all) => ({ figures: figuresOf(all), stages: stageFigures(all, trace) }));
  } finally {
    await traces.close();
  }
}

async function measureEach(
  system: LocalSystem,
  { screen, reader }: Place,
  settings: Setting[],
  raw: Run[][],
): Promise<void> {
  for (const [i, { name, player }] of settings.entries()) {
    const run = await measureRun({ system, screen, reader, player, drive, seconds });
    raw[i]?.push(run);
    console.log(`${name}: p50 ${figuresOf([run]).p50} ms`);
  }
}

function rowsOf(name: string, { figures, stages }: Measured, reach: Record<string, string>) {
  const rows: FigureRow[] = (['p50', 'p95', 'p99'] as const).map((share) => {
    const set = reach[share];
    const row = { figure: `${name} ${share}, ms`, seen: `${figures[share]}` };
    return set === undefined ? row : { ...row, reach: set };
  });
  rows.push(
    { figure: '  medians of the runs', seen: figures.runMedians.join(' ') },
    { figure: '  pictures seen, missed', seen: `${figures.seen}, ${figures.missed}` },
    { figure: '  looks a second', seen: `${figures.looksPerSecond}` },
    {
      figure: '  between two looks, mean, p99',
      seen: `${figures.lookMeanMs}, ${figures.lookP99Ms}`,
    },
  );
  // The browser tells the times of its own receiver only.
  for (const { stage, p50, p95 } of stages.filter((one) => !Number.isNaN(one.p50))) {
    rows.push({ figure: `    ${stage}, p50, p95`, seen: `${p50}, ${p95}` });
  }
  return rows;
}

async function preparePlace(): Promise<Place & { close(): Promise<void> }> {
  const pageDir = await buildPage();
  const screen = await startVirtualScreen();
  const reader = startStampReader(screen.framebufferPath);
  const close = async () => {
    await reader.close();
    await screen.close();
    await rm(pageDir, { recursive: true, force: true });
  };
  return { pageDir, screen, reader, close };
}

// Figures of a computer that is busy with something else say nothing: the load before we add our own.
const loadBefore = rounded(loadavg()[0] ?? Number.NaN);
const place = await preparePlace();
try {
  const [p30, datagram, standard] = await measure(place, 29.97, [
    { name: '720p30', player: 'lowLatency' },
    { name: 'datagram720p30', player: 'datagram' },
    { name: 'defaultPlayer', player: 'default' },
  ]);
  const [p60] = await measure(place, 59.94, [{ name: '720p60', player: 'lowLatency' }]);
  if (!p30 || !p60 || !standard || !datagram) {
    throw new Error('invariant broken: a setting was not measured');
  }
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, loadBefore };
  printReport(
    `Capture to visible (${machine.cores} x ${machine.cpu}, load before ${loadBefore})`,
    [
      ...rowsOf('720p30', p30, { p50: '<= 10', p95: '<= 15' }),
      ...rowsOf('datagram player, 720p30', datagram, {
        p50: `<= ${rounded(p30.figures.p50 + datagramExtraMs)}`,
      }),
      ...rowsOf('720p60', p60, { p50: '<= 11' }),
      ...rowsOf('default player', standard, {}),
    ],
    {
      '720p30': { ...p30.figures, stages: p30.stages },
      datagram720p30: datagram.figures,
      '720p60': { ...p60.figures, stages: p60.stages },
      defaultPlayer: { ...standard.figures, stages: standard.stages },
      machine,
    },
  );
} finally {
  await place.close();
}
