import { ManualClock } from '@longreach/kit';
import { type GatewayStats, gatewayStatsSchema } from '@longreach/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MediaStats } from '../statistics/media-stats.ts';
import { GatewayReporter, type GatewayReporterOptions } from './gateway-reporter.ts';
import type { PathFacts } from './path-report.ts';

const streams = [0, 1].map((streamId) => ({
  ...{ streamId, name: `camera ${streamId}`, width: 640, height: 360, fps: 30 },
  mediaTypes: ['video' as const],
}));
const encodings = [
  {
    ...{ streamId: 0, width: 640, height: 360, fps: 30, isAdaptive: true },
    ...{ bitrateBps: 800_000, minBitrateBps: 100_000 },
  },
];
const media: MediaStats = {
  type: 'mediaStats',
  loopBusyShare: 0.4,
  streams: [
    {
      streamId: 0,
      capture: { targetFps: 30, fps: 29.9, longestGapMs: 40, missedPictures: 1 },
      encodings: [
        {
          encoding: 'main',
          encode: {
            ...{ encoder: 'libx264', width: 640, height: 360, fps: 29.9, meanMs: 2, p95Ms: 3 },
            ...{ bitrateBps: 790_000, keyFrames: 1, untakenPictures: 0 },
            ...{ leftOutForRate: 0, leftOutForHold: 0 },
          },
        },
      ],
    },
  ],
};
const send = {
  ...{ fps: 29.9, meanMs: 0.4, p95Ms: 1, bitrateBps: 900_000, droppedPictures: 0 },
  ...{ repeatedPackets: 0, parityRatio: 0.1 },
};
const sentBytes = { media: 200_000, audio: 0, parity: 20_000, repeat: 0, probe: 0 };
const path: PathFacts = {
  connectionId: 'publish.1',
  isConnected: true,
  pair: {
    local: { address: '192.168.7.5', type: 'host' },
    remote: { address: '203.0.113.9', type: 'prflx' },
    transport: 'udp',
  },
  roundTripMs: 31.24,
  network: {
    ...{ targetBps: 3_000_000, mediaLimitBps: undefined, lossShare: 0.01, burstPackets: 1 },
    ...{ roundTripUs: 30_000, queueDelayUs: 2000, backlogUs: 500 },
    ...{ isStarved: false, isLate: false, isOverdue: false, isHeld: false },
  },
  sentBytes,
  outageUs: 150_000,
};
const told = { belowMinimum: false, targetBitrateBps: 800_000, targetFps: 30 };

let clock: ManualClock;
let reports: GatewayStats[];
let reporter: GatewayReporter;

beforeEach(() => {
  vi.useFakeTimers();
  clock = new ManualClock(5_000_000);
  reports = [];
});
afterEach(() => {
  reporter.close();
  vi.useRealTimers();
});

function start(overrides: Partial<GatewayReporterOptions> = {}): void {
  reporter = new GatewayReporter({
    ...{ clock, softwareVersion: '1.2.3', streams, encodings },
    sentEncodings: () => [{ streamId: 0, encoding: 'main' }],
    senderOf: () => ({ takeStats: () => send }),
    stateOf: () => told,
    takePathFacts: () => path,
    askMedia: () => true,
    send: (stats) => reports.push(gatewayStatsSchema.parse(stats)),
    ...overrides,
  });
}

function pass(ms: number): void {
  clock.advanceUs(ms * 1000);
  vi.advanceTimersByTime(ms);
}

test('every two seconds a report: streams with what capturing, encoding and sending did, the path, the processes', () => {
  start();
  reporter.handleInput({ type: 'inputState', streamId: 0, state: 'running', message: '' });
  reporter.handleMachine({
    ...{ periodMs: 2000, cpuCount: 4, cpuShare: 0.3 },
    processes: ['media', 'guard', 'transport'].map((name) => ({
      ...{ name, cpuCores: 0.2, rssBytes: 1000, uptimeS: 9, restarts: 0 },
    })),
  });
  pass(2000);
  reporter.handleMedia(media);
  expect(reports).toHaveLength(1);
  expect(reports[0]).toMatchObject({
    ...{ sequence: 0, machineTimeUs: 7_000_000, periodMs: 2000, softwareVersion: '1.2.3' },
    streams: [
      {
        ...{ streamId: 0, inputState: 'running', configuredWidth: 640, minBitrateBps: 100_000 },
        capture: media.streams[0]?.capture,
        encodings: [
          { encoding: 'main', ...told, encode: media.streams[0]?.encodings[0]?.encode, send },
        ],
      },
      { streamId: 1, configuredWidth: 640, encodings: [] },
    ],
    paths: [
      {
        ...{ connectionId: 'publish.1', state: 'connected', type: 'host', transport: 'udp' },
        local: { type: 'host', family: 'ipv4', scope: 'private' },
        remote: { type: 'prflx', family: 'ipv4', scope: 'public' },
        ...{ roundTripMs: 31.2, lossShare: 0.01, queueDelayMs: 2, backlogMs: 0.5 },
        ...{ estimateBps: 3_000_000, sentBytes, outageMs: 150 },
      },
    ],
  });
  const busy = reports[0]?.machine?.processes.map(({ name, loopBusyShare }) => [
    name,
    typeof loopBusyShare,
  ]);
  expect(busy).toEqual([
    ['media', 'number'],
    ['guard', 'undefined'],
    ['transport', 'number'],
  ]);
  expect(JSON.stringify(reports)).not.toMatch(/192\.168|203\.0/);
  pass(2000);
  reporter.handleMedia(media);
  expect(reports.map(({ sequence }) => sequence)).toEqual([0, 1]);
});

test('a media process that does not answer is waited for 300 ms; its late answer changes nothing', () => {
  start();
  pass(2000);
  pass(299);
  expect(reports).toEqual([]);
  pass(1);
  expect(reports).toHaveLength(1);
  expect(reports[0]?.streams[0]?.capture).toBeUndefined();
  expect(reports[0]?.streams[0]?.encodings).toEqual([{ encoding: 'main', ...told, send }]);
  reporter.handleMedia(media);
  expect(reports).toHaveLength(1);
});

test('without a media process and without a connection the report says so at once', () => {
  const nothing = { media: 0, audio: 0, parity: 0, repeat: 0, probe: 0 };
  start({
    askMedia: () => false,
    senderOf: () => undefined,
    takePathFacts: () => ({ isConnected: false, sentBytes: nothing, outageUs: 2_000_000 }),
  });
  pass(2000);
  expect(reports[0]?.paths).toEqual([{ state: 'down', sentBytes: nothing, outageMs: 2000 }]);
  expect(reports[0]?.streams[0]?.encodings).toEqual([]);
});

test('a relay at either end makes a relayed path; who gives no feedback says nothing of loss and rate', () => {
  const relayed = { address: '198.51.100.1', type: 'relay' };
  const pair = { local: { address: '10.0.0.2', type: 'host' }, remote: relayed };
  start({
    askMedia: () => false,
    takePathFacts: () => ({
      ...path,
      pair: { ...pair, transport: 'tcp' },
      network: path.network && { ...path.network, targetBps: undefined },
    }),
  });
  pass(2000);
  const [told] = reports[0]?.paths ?? [];
  expect(told).toMatchObject({ type: 'relay', transport: 'tcp', roundTripMs: 31.2 });
  expect(told).not.toHaveProperty('lossShare');
  expect(told).not.toHaveProperty('estimateBps');
});
