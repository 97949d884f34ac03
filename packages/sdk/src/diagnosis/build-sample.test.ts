import type { GatewayStats, ServerStats, StateReport, WebRTCStats } from '@longreach/protocol';
import { expect, it } from 'vitest';
import { buildSample, type PeriodFacts } from './build-sample.ts';

const gateway = {
  ...{ sequence: 4, machineTimeUs: 1, periodMs: 2000, softwareVersion: '1' },
  streams: [
    {
      ...{ streamId: 0, configuredWidth: 1280, configuredHeight: 720, configuredFps: 30 },
      configuredBitrateBps: 2_500_000,
      capture: { targetFps: 30, fps: 29.5, longestGapMs: 40, missedPictures: 2 },
      encodings: [
        {
          ...{ encoding: 'main', targetBitrateBps: 2_400_000, belowMinimum: false },
          encode: {
            ...{ encoder: 'libx264', fps: 29, meanMs: 6, p95Ms: 9, bitrateBps: 2_300_000 },
            ...{ keyFrames: 1, leftOutForRate: 3, leftOutForHold: 4, untakenPictures: 1 },
          },
          send: {
            ...{ fps: 29, meanMs: 3, bitrateBps: 2_900_000, droppedPictures: 0 },
            ...{ repeatedPackets: 5, parityRatio: 0.2 },
          },
        },
      ],
    },
    {
      ...{ streamId: 1, configuredWidth: 640, configuredHeight: 360, configuredFps: 30 },
      ...{ configuredBitrateBps: 800_000, encodings: [] },
    },
  ],
  paths: [
    {
      ...{ state: 'connected', roundTripMs: 20, lossShare: 0.1, queueDelayMs: 4, outageMs: 500 },
      ...{ estimateBps: 6_000_000, mediaLimitBps: 100_000_000 },
      sentBytes: { media: 1000, audio: 10, parity: 200, repeat: 100, probe: 0 },
    },
  ],
} satisfies GatewayStats;

const server: ServerStats = {
  periodMs: 2000,
  streams: [
    {
      ...{ streamId: 0, fps: 28, bitrateBps: 2_000_000, packetsReceived: 400 },
      ...{ packetsLost: 40, packetsRecovered: 38, packetsGivenUp: 2 },
    },
  ],
  worker: { eventLoopDelayP99Ms: 2, forwardDelayP99Ms: 1, cpuCores: 0.1 },
  connections: [
    { connectionId: 'old', encoding: 'small' },
    { connectionId: 'a', encoding: 'main', estimateBps: 5e6, lossShare: 0, roundTripMs: 9 },
  ],
  ...{ commandsPassed: 98, commandsRefused: 0 },
};

function facts(more: Partial<PeriodFacts> = {}): PeriodFacts {
  return {
    ...{ atMs: 12_000, periodMs: 2000, gateway, server, connectionIds: ['a'] },
    commands: { sent: 100, refused: {}, blockedMs: 0, received: 97, released: 96 },
    state: { loopAgeMs: 90, guardMode: 'armed' } as StateReport,
    permission: 'master',
    page: { hiddenMs: 0, longestPageStallMs: 50, clockUncertaintyMs: 1, clockStepsMs: [] },
    ...more,
  };
}

const stats = { streamId: 0, fps: 27 } as WebRTCStats;
const decoder = { waitingPictures: 1, longestStallMs: 60 };

it('H8 each figure comes from the side that knows it, in its unit', () => {
  const sample = buildSample(facts(), { streamId: 0, stats, decoder });
  expect(sample.machine).toMatchObject({
    camera: { expectedFps: 30, capturedFps: 29.5, longestGapMs: 40 },
    encoder: {
      ...{ encodedFps: 29, encodeTimeMs: 6, encodeTimeP95Ms: 9, picturesDroppedBusy: 3 },
      ...{ picturesLeftOut: 7, configuredBitrateBps: 2_500_000, targetBitrateBps: 2_400_000 },
      ...{ actualBitrateBps: 2_300_000, encodedToSentMs: 3, isBelowMinimum: false },
    },
    uplink: {
      ...{ estimateBps: 6_000_000, configuredBps: 2_500_000, lossShare: 0.1, roundTripMs: 20 },
      ...{ queueDelayMs: 4, outageShare: 0.25, repairShare: 0.3 },
    },
    ...{ commandsReceived: 97, commandsReleased: 96 },
  });
  expect(sample.machine?.uplink?.viewerLimitBps).toBeUndefined();
  expect(sample.server).toMatchObject({
    stream: { receivedFps: 28, packetsLost: 40, packetsGivenUp: 2 },
    worker: { eventLoopDelayP99Ms: 2, forwardDelayP99Ms: 1 },
    viewer: { estimateBps: 5e6, encoding: 'main' },
    commandsPassed: 98,
  });
  expect(sample.browser).toMatchObject({
    ...{ stats, decodeQueuePictures: 1, longestWorkerStallMs: 60, longestPageStallMs: 50 },
    control: { permission: 'master', commandsSent: 100, loopAgeMs: 90, guardMode: 'armed' },
  });
});

it('H9 what nobody said is absent, not zero', () => {
  const commands = { sent: 0, refused: {}, blockedMs: 0 };
  const silent = facts({ gateway: undefined, server: undefined, state: undefined, commands });
  const sample = buildSample(silent, { streamId: 0, stats: undefined, decoder: undefined });
  expect(sample).not.toHaveProperty('machine');
  expect(sample).not.toHaveProperty('server');
  expect(sample.browser).not.toHaveProperty('stats');
  expect(sample.browser?.control?.loopAgeMs).toBeUndefined();
  const unwatched = buildSample(facts(), { streamId: 1, stats: undefined, decoder: undefined });
  expect(unwatched.machine).not.toHaveProperty('encoder');
  expect(unwatched.server).not.toHaveProperty('stream');
});

it('H15 a machine whose encoding process does not answer, and of which nothing is sent, takes no pictures', () => {
  const [front] = gateway.streams;
  const [main] = front?.encodings ?? [];
  if (!front || !main || !('send' in main)) throw new Error('no stream');
  const { encode: _encode, ...unanswered } = main;
  const { capture: _capture, ...silent } = front as typeof front & { capture?: object };
  const of = (fps: number) => {
    const encodings = [{ ...unanswered, send: { ...main.send, fps } }];
    const stats = { ...gateway, streams: [{ ...silent, encodings }] } as GatewayStats;
    const sample = buildSample(facts({ gateway: stats }), {
      streamId: 0,
      stats: undefined,
      decoder,
    });
    return sample.machine?.camera;
  };
  expect(of(0)).toEqual({ expectedFps: 30, capturedFps: 0, longestGapMs: 2000 });
  expect(of(29)).toBeUndefined();
});

it('H9 before the loop was ever closed its age is unknown', () => {
  const state = { loopAgeMs: Number.NaN, guardMode: 'stopped' } as StateReport;
  const { browser } = buildSample(facts({ state }), { streamId: 0, stats, decoder });
  expect(browser?.control?.loopAgeMs).toBeUndefined();
});
