import { readFileSync } from 'node:fs';
import type { WebRTCStats } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { FreezeMeter } from './freeze-rate.ts';
import { StableFps } from './stable-fps.ts';
import type { StatsSnapshot } from './stats-snapshot.ts';
import type { PresentedFigures, TrackIdentity } from './track-formulas.ts';
import { WebRTCStatsCollector } from './webrtc-stats.ts';

/** What tests/getstats/record-main.ts wrote. */
type Recording = { reports: [StatsSnapshot, StatsSnapshot]; presentedMs: number[] };
/** Computed from the recording by the formulas of docs/5-explain/metrics.md, not by the code that is tested. */
type Expected = Record<'video' | 'audio', WebRTCStats>;

function read(name: string): unknown {
  return JSON.parse(readFileSync(`${import.meta.dirname}/testing/getstats/${name}.json`, 'utf8'));
}

function track(mediaType: 'video' | 'audio'): TrackIdentity {
  return { srcUserId: 'truck', trackId: `truck:0:${mediaType}`, streamId: 0, mediaType };
}

/** Statistics of the recording's two periods, as the SDK would give them. */
function statsOf({ reports, presentedMs }: Recording): [WebRTCStats[], WebRTCStats[]] {
  const startMs = presentedMs[0] ?? 0;
  const collector = new WebRTCStatsCollector();
  for (const [mid, kind] of [
    ['0', 'video'],
    ['1', 'audio'],
  ] as const) {
    collector.assignSlot('c', mid, track(kind), { takenMs: startMs, entries: [] });
  }
  const meters = { freeze: new FreezeMeter(startMs), stableFps: new StableFps(startMs) };
  const waiting = [...presentedMs];
  const takePresented = (untilMs: number): PresentedFigures => {
    while ((waiting[0] ?? Number.POSITIVE_INFINITY) <= untilMs) {
      const at = waiting.shift() as number;
      meters.freeze.handleFrame(at);
      meters.stableFps.handleFrame(at);
    }
    const { frames, lag100 = 0, lag150 = 0 } = meters.freeze.closePeriod(untilMs);
    const stableFps = meters.stableFps.valueAt(untilMs) ?? 0;
    return { framesPresented: frames, lag100, lag150, stableFps };
  };
  const collect = (report: StatsSnapshot) => {
    const presented = takePresented(report.takenMs);
    return collector.collect('c', report, () => presented);
  };
  return [collect(reports[0]), collect(reports[1])];
}

/** Equal member by member; figures to the last digits that a division leaves. */
function expectStats(stats: WebRTCStats | undefined, expected: WebRTCStats): void {
  expect(Object.keys(stats ?? {}).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, value] of Object.entries(expected)) {
    const got = stats?.[name as keyof WebRTCStats];
    if (typeof value !== 'number') expect([name, got]).toEqual([name, value]);
    else expect(Math.abs(Number(got) - value), name).toBeLessThanOrEqual(1e-9 * Math.abs(value));
  }
}

describe.each(['chromium', 'firefox'])('getStats of %s', (browser) => {
  const recording = read(browser) as Recording;
  const expected = read(`${browser}.expected`) as Expected;

  it('W1, W2: every figure of a picture, and no other', () => {
    const [, stats] = statsOf(recording);
    expectStats(
      stats.find(({ mediaType }) => mediaType === 'video'),
      expected.video,
    );
  });

  it('W1, W2, W8: every figure of a sound, and no other', () => {
    const [, stats] = statsOf(recording);
    expectStats(
      stats.find(({ mediaType }) => mediaType === 'audio'),
      expected.audio,
    );
  });
});

it('W2, W7: Firefox has no round trip of a path before it has answered, not one of zero', () => {
  const [before, after] = statsOf(read('firefox') as Recording);
  expect(before.map((stats) => 'rtt' in stats || 'rttAvg' in stats)).toEqual([false, false]);
  expect(after.map(({ rtt }) => rtt)).toEqual([20, 20]);
});
