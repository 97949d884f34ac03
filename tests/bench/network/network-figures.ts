import { sumFreezePeriods } from '../../../packages/telemetry/src/freeze-rate.ts';
import { ascending, quantile, rounded } from '../report.ts';
import { bypassedPackets, type LegFigures, legFigures, uplinkSent } from './leg-traffic.ts';
import type { NetworkRun } from './measure-run.ts';
import { outageRecoveries, type RateFollowing, rateFollowing, type SentBytes } from './recovery.ts';
import { type ShownPictures, shownPictures } from './shown-pictures.ts';

/** One run; `connectedCalmly`: its connections came about only before the network turned bad. */
export type JudgedRun = { seed: number; run: NetworkRun; connectedCalmly: boolean };

/** Figures of one scenario over all its runs; ms, % and kbit/s. */
export type NetworkFigures = {
  lag100: number;
  lag150: number;
  /** Gaps of more than 150 ms. */
  gapsPerHour: number;
  latencyP50: number;
  latencyP95: number;
  fps: number;
  /** Of the encoded picture. */
  bitrateKbps: number;
  /** Of the leg with more. */
  overheadPct: number;
  /** Mean of the sampled pictures' ratios. */
  psnrDb: number;
  /** Packets that went around the emulators. */
  bypassed: number;
  gaps100PerHour: number;
  latencyPeak: number;
  worstGapMs: number;
  psnrWorst5Pct: number;
  samples: number;
  uplink: LegFigures;
  operator: LegFigures;
  keyFrames: number;
  /** Each run's lag150, in the order of the seeds. */
  lag150BySeed: number[];
  seeds: number[];
  /** Those whose connections came about only before the network turned bad. */
  calmSeeds: number[];
  seconds: number;
  /** Use of all cores by anybody, worst run; a busy computer makes pictures late by itself. */
  cpuPct: number;
  /** Packets that an emulator lost because it was asked too much. */
  emulatorOverflow: number;
  pageErrors: string[];
  /** Players that the sessions had, with the reason. */
  players: string[];
  /** Runs whose media connection was lost, with the states that it went through. */
  lostConnections: string[][];
  /** Only where a leg has outages. */
  recoveryMs?: { median: number; worst: number; outages: number };
  /** Only where a leg's rate steps; worst of each direction. */
  rateMs?: { down: number; up: number };
  /** Only after jitter; null where the player does not say what it holds back. */
  buffer?: { downMs: number | null; atEndMs: number | null; latencyAtEndMs: number };
};

const shortBufferMs = 20;
const lostState = /^(disconnected|reconnecting|failed)/;
/** UDP, IP and the tag of SRTP: what an emulator's rate counts besides. */
const packetOverheadBytes = 38;
const latencyEndMs = 1000;

/** Pools the runs of one scenario. */
export function networkFigures(judged: JudgedRun[]): NetworkFigures {
  const runs = judged.map(({ run }) => run);
  const shown = runs.map((run) => shownPictures(run.reading, run.lastBefore));
  const freezes = sumFreezePeriods(shown.map((one) => one.freezes));
  const hours = freezes.activeMs / 3_600_000;
  const latencies = ascending(shown.flatMap((one) => one.pictures.map((each) => each.latencyMs)));
  const ratios = ascending(runs.flatMap((run) => run.reading.samples.map((one) => one.psnrDb)));
  const legs = runs.map(legFigures);
  const uplink = meanFigures(legs.map((leg) => leg.uplink));
  const operator = meanFigures(legs.map((leg) => leg.operator));
  return {
    lag100: rounded(freezes.lag100 ?? Number.NaN, 3),
    lag150: rounded(freezes.lag150 ?? Number.NaN, 3),
    gapsPerHour: rounded(freezes.gaps150 / hours, 1),
    latencyP50: rounded(quantile(latencies, 0.5), 1),
    latencyP95: rounded(quantile(latencies, 0.95), 1),
    fps: rounded(freezes.frames / (freezes.activeMs / 1000)),
    bitrateKbps: Math.round(meanOf(runs.map(encodedKbps))),
    overheadPct: Math.max(uplink.overheadPct, operator.overheadPct),
    psnrDb: rounded(meanOf(ratios)),
    bypassed: runs.reduce((sum, run) => sum + bypassedPackets(run), 0),
    gaps100PerHour: rounded(freezes.gaps100 / hours, 1),
    latencyPeak: rounded(latencies.at(-1) ?? Number.NaN, 1),
    worstGapMs: rounded(Math.max(...shown.map((one) => one.worstGapMs)), 1),
    psnrWorst5Pct: rounded(quantile(ratios, 0.05)),
    samples: ratios.length,
    uplink,
    operator,
    keyFrames: runs.reduce(
      (sum, run) => sum + measuredPictures(run).filter(({ key }) => key).length,
      0,
    ),
    lag150BySeed: shown.map(({ freezes: { lag150 = Number.NaN } }) => rounded(lag150, 2)),
    seeds: judged.map(({ seed }) => seed),
    calmSeeds: judged.filter((one) => one.connectedCalmly).map(({ seed }) => seed),
    seconds: Math.round(freezes.activeMs / 1000),
    cpuPct: Math.round(Math.max(...runs.map((run) => run.cpuPct))),
    emulatorOverflow: runs.reduce((sum, run) => sum + overflowOf(run), 0),
    pageErrors: [...new Set(runs.flatMap((run) => run.after.page.errors))],
    players: [...new Set(runs.flatMap((run) => run.after.page.players))],
    lostConnections: runs
      .map((run) => run.after.page.states)
      .filter((states) => states.some((state) => lostState.test(state))),
    ...recoveryFigures(runs, shown),
    ...rateFigures(runs),
    ...bufferFigures(runs),
  };
}

function measuredPictures({ encoded, reading }: NetworkRun): NetworkRun['encoded'] {
  const { startedUs, endedUs } = reading;
  return encoded.filter(({ captureTimeUs: at }) => at >= startedUs && at < endedUs);
}

function encodedKbps(run: NetworkRun): number {
  const pictures = measuredPictures(run);
  const [first, last] = [pictures[0], pictures.at(-1)];
  if (!first || !last) return Number.NaN;
  const bytes = pictures.slice(1).reduce((sum, picture) => sum + picture.bytes, 0);
  return (bytes * 8) / ((last.captureTimeUs - first.captureTimeUs) / 1000);
}

function overflowOf({ after: { uplink, operator } }: NetworkRun): number {
  return [uplink, operator].reduce(
    (sum, { toTarget, toFlow }) =>
      sum + toTarget.droppedPackets.overflow + toFlow.droppedPackets.overflow,
    0,
  );
}

function recoveryFigures(runs: NetworkRun[], shown: ShownPictures[]) {
  const all = ascending(
    runs.flatMap(({ legs, scheduleUs }, i) => {
      const outage = legs.uplink.toTarget.outage ?? legs.operator.toFlow.outage;
      const one = shown[i];
      return outage && one ? outageRecoveries(one, outage, scheduleUs / 1000) : [];
    }),
  );
  if (all.length === 0) return {};
  const [median, worst] = [quantile(all, 0.5), quantile(all, 1)].map((ms) => rounded(ms, 1));
  return { recoveryMs: { median: median ?? 0, worst: worst ?? 0, outages: all.length } };
}

function rateFigures(runs: NetworkRun[]) {
  const all: RateFollowing = { downMs: [], upMs: [] };
  for (const { legs, scheduleUs, reading, transport } of runs) {
    const { rate } = legs.uplink.toTarget;
    if (typeof rate !== 'object') continue;
    const sent = uplinkSent(transport).map(({ atUs, sent }): SentBytes => {
      const bytes = Object.values(sent).map((one) => one.bytes + one.packets * packetOverheadBytes);
      return { atMs: atUs / 1000, bytes: bytes.reduce((sum, each) => sum + each, 0) };
    });
    const times = { scheduleMs: scheduleUs / 1000, endMs: reading.endedUs / 1000 };
    const { downMs, upMs } = rateFollowing(sent, rate, times);
    all.downMs.push(...downMs);
    all.upMs.push(...upMs);
  }
  if (all.downMs.length + all.upMs.length === 0) return {};
  const worst = (times: number[]) => Math.round(Math.max(...times));
  return { rateMs: { down: worst(all.downMs), up: worst(all.upMs) } };
}

function bufferFigures(runs: NetworkRun[]) {
  const phases = runs.flatMap(({ quiet }) => (quiet ? [quiet] : []));
  if (phases.length === 0) return {};
  const downMs = phases.map(({ buffers, startedUs }) => {
    const lastLong = buffers.findLastIndex(
      ({ bufferMs }) => (bufferMs ?? Infinity) >= shortBufferMs,
    );
    const next = buffers[lastLong + 1];
    return next ? (next.atUs - startedUs) / 1000 : null;
  });
  const atEnd = phases.map(({ buffers }) => buffers.at(-1)?.bufferMs ?? null);
  const latencies = phases.flatMap(({ reading }) =>
    shownPictures(reading, undefined).pictures.filter(
      ({ seenMs }) => seenMs > reading.endedUs / 1000 - latencyEndMs,
    ),
  );
  const sorted = ascending(latencies.map((each) => each.latencyMs));
  return {
    buffer: {
      downMs: worstOf(downMs),
      atEndMs: worstOf(atEnd),
      latencyAtEndMs: rounded(quantile(sorted, 0.5), 1),
    },
  };
}

/** The largest; null when any is missing. */
function worstOf(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : rounded(Math.max(...known), 1);
}

function meanFigures(all: LegFigures[]): LegFigures {
  const mean = (name: keyof LegFigures) => rounded(meanOf(all.map((one) => one[name])), 1);
  return {
    overheadPct: mean('overheadPct'),
    repeatPct: mean('repeatPct'),
    parityPct: mean('parityPct'),
    wireOverheadPct: mean('wireOverheadPct'),
    sentKbps: mean('sentKbps'),
    droppedPct: mean('droppedPct'),
  };
}

function meanOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
