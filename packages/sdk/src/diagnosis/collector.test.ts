import { Emitter } from '@longreach/kit';
import type { ServerStats, WebRTCStats } from '@longreach/protocol';
import type { StreamSample } from '@longreach/telemetry/diagnosis';
import { expect, it } from 'vitest';
import type { ClientEvents } from '../api.ts';
import { ManualPageClock } from '../testing/manual-page-clock.ts';
import { Collector } from './collector.ts';
import { CommandTraffic } from './command-traffic.ts';
import { QualityWatch } from './quality-watch.ts';

function setUp() {
  const clock = new ManualPageClock();
  const events = new Emitter<ClientEvents>();
  const samples: StreamSample[] = [];
  const page = { isVisible: true };
  const collector = new Collector({
    ...{ deviceId: 'truck', clock, periodMs: 2000, mode: () => 'server, rtp player' },
    on: (name, listener) => events.on(name, listener),
    session: () => ({
      takeWatched: () => [{ streamId: 0, decoder: undefined }],
      connectionIds: () => ['a'],
      traffic: new CommandTraffic(),
      machineOffsetMs: () => 5000,
    }),
    isPageVisible: () => page.isVisible,
    onSample: (_streamId, sample) => samples.push(sample),
  });
  const tellStats = (srcUserId = 'truck') => {
    const stats = { srcUserId, streamId: 0, mediaType: 'video', fps: 30 } as WebRTCStats;
    events.emit('event', { type: 'webrtcStats', data: [stats] });
  };
  return { clock, events, samples, page, collector, tellStats };
}

it("H10 a sample ends with each period's statistics, and by itself when there are none", async () => {
  const { clock, samples, collector, tellStats } = setUp();
  for (let period = 0; period < 3; period++) {
    await clock.advance(2000);
    tellStats();
  }
  expect(samples.map(({ periodMs }) => periodMs)).toEqual([2000, 2000, 2000]);
  expect(samples[2]?.browser?.stats?.fps).toBe(30);
  await clock.advance(6000);
  expect(samples).toHaveLength(5);
  expect(samples[4]?.browser).not.toHaveProperty('stats');
  collector.close();
  await clock.advance(10_000);
  expect(samples).toHaveLength(5);
  expect(clock.pending).toBe(0);
});

it("H10 another machine's statistics are none of ours", async () => {
  const { clock, samples, tellStats } = setUp();
  await clock.advance(1000);
  tellStats('other');
  expect(samples).toEqual([]);
});

it('H11 a report that is older than the period is not taken for a present one', async () => {
  const { clock, events, samples, tellStats } = setUp();
  const stats = { streams: [], connections: [], commandsPassed: 3 } as unknown as ServerStats;
  events.emit('serverStatsReported', { deviceId: 'truck', stats });
  await clock.advance(2000);
  tellStats();
  await clock.advance(2000);
  tellStats();
  expect(samples.map(({ server }) => server?.commandsPassed)).toEqual([3, undefined]);
});

it('H12 hidden time and stalls of the page are part of a sample', async () => {
  const { clock, samples, page, tellStats } = setUp();
  await clock.advance(1000);
  page.isVisible = false;
  await clock.advance(1000);
  tellStats();
  const { hiddenMs = 0, longestPageStallMs = 0 } = samples[0]?.browser ?? {};
  expect(hiddenMs).toBeGreaterThan(900);
  expect(longestPageStallMs).toBeLessThan(100);
});

it('H13 the input has what was asked for, and how both sides are connected', async () => {
  const { clock, events, collector, tellStats } = setUp();
  events.emit('signalingStateChanged', { state: 'connected', roomId: 'truck', data: {} });
  const state = { state: 'connected', code: 0, message: '', data: {} } as const;
  events.emit('peerConnectionStateChanged', { deviceId: 'truck', ...state });
  for (let period = 0; period < 10; period++) {
    await clock.advance(2000);
    tellStats();
  }
  const input = collector.input(6000);
  expect(input.streams.map(({ samples }) => samples.length)).toEqual([4]);
  expect(input.streams[0]).toMatchObject({ streamId: 0, remoteMedia: 'connected' });
  expect(input.remote).toMatchObject({ mode: 'server, rtp player', signaling: 'connected' });
});

it('H14 quality has fallen with the second bad period in a row, seen, and not again within a minute', () => {
  const watch = new QualityWatch();
  const sample = (atS: number, lag150: number, hiddenMs = 0): StreamSample => {
    const stats = { lag150 } as WebRTCStats;
    return { atMs: atS * 1000, browser: { stats, hiddenMs } };
  };
  const told = [
    ...[sample(0, 50), sample(2, 0), sample(4, 50, 2000), sample(6, 50)],
    ...[sample(8, 50), sample(10, 50), sample(66, 50), sample(70, 50)],
  ].map((one) => watch.handleSample(0, one));
  expect(told).toEqual([false, false, false, false, true, false, false, true]);
});
