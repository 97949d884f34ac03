import { expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import { altered } from './testing/alter-samples.ts';
import { samplesOf } from './testing/runs.ts';
import type { Cause } from './vocabulary.ts';

type Figures = Readonly<Record<string, unknown>>;
type Limit = { cause: Cause; figure: string; below: unknown; at: unknown; others?: Figures };

const uplinkCarries = (bps: number) => ({
  'machine.uplink.estimateBps': bps,
  'machine.uplink.viewerLimitBps': 5e6,
});
const twenty = { 'machine.encoder.encodedFps': 20, ...fpsBehindEncoder(20) };
const twentyFour = { 'machine.encoder.encodedFps': 24, ...fpsBehindEncoder(24) };

/** On either side of each limit: 720p30 at 2.5 Mbit/s, periods of 2 s, legs of 15 ms. */
const limits: readonly Limit[] = [
  limit('cameraStalled', 'machine.camera.longestGapMs', 490, 500),
  limit('cameraSlow', 'machine.camera.capturedFps', 25.6, 25.4, {
    'machine.encoder.encodedFps': undefined,
  }),
  limit('encoderOverloaded', 'machine.encoder.encodeTimeMs', 29, 31, twenty),
  limit('encoderOverloaded', 'machine.encoder.encodeTimeMs', 29, 29.5, twentyFour),
  limit('encoderOverloaded', 'machine.encoder.picturesDroppedBusy', 6, 7),
  limit('uplinkOutage', 'machine.uplink.outageShare', 0.079, 0.08),
  limit('uplinkLoss', 'machine.uplink.lossShare', 0.079, 0.08),
  limit('uplinkLoss', 'machine.uplink.lossShare', 0.014, 0.015, {
    'server.stream.packetsGivenUp': 20,
  }),
  limit('uplinkLoss', 'server.stream.packetsGivenUp', 2, 4, { 'machine.uplink.lossShare': 0.03 }),
  limit('uplinkLoss', 'machine.uplink.queueDelayMs', 40, 39, { 'machine.uplink.lossShare': 0.1 }),
  limit('uplinkRate', 'machine.encoder.targetBitrateBps', 1_890_000, 1_860_000, {
    ...uplinkCarries(2e6),
    'machine.encoder.actualBitrateBps': 1_800_000,
  }),
  limit('uplinkRate', 'machine.encoder.actualBitrateBps', 740_000, 760_000, {
    ...uplinkCarries(1.2e6),
    'machine.encoder.targetBitrateBps': 1e6,
  }),
  limit('uplinkRate', 'machine.encoder.picturesLeftOut', 7, 10, {
    ...uplinkCarries(1.2e6),
    'machine.encoder.targetBitrateBps': 1e6,
    'machine.encoder.actualBitrateBps': 5e5,
  }),
  limit('uplinkRate', 'machine.uplink.estimateBps', 3.2e6, 3.1e6, {
    'machine.encoder.targetBitrateBps': 1e6,
    'machine.encoder.actualBitrateBps': 1e6,
    'machine.uplink.viewerLimitBps': 5e6,
  }),
  limit('uplinkQueue', 'machine.uplink.queueDelayMs', 79, 80, {
    'machine.encoder.encodedToSentMs': 0,
  }),
  limit('workerHeld', 'server.worker.eventLoopDelayP99Ms', 59, 60),
  limit('workerHeld', 'server.worker.forwardDelayP99Ms', 49, 50),
  limit('downlinkRate', 'server.viewer.estimateBps', 2.1e6, 1.9e6, {
    'server.stream.bitrateBps': 2.7e6,
    'server.viewer.queueDelayMs': 30,
  }),
  limit('downlinkRate', 'server.viewer.queueDelayMs', 29, 30, {
    'server.stream.bitrateBps': 2.7e6,
    'server.viewer.estimateBps': 1.5e6,
  }),
  limit('downlinkQueue', 'server.viewer.queueDelayMs', 79, 80),
  limit('bufferCreep', 'browser.stats.jitter', 0.007, 0.006, {
    'browser.stats.jitterBuffer': 56,
    'browser.stats.jitterBufferTarget': 56,
    'browser.stats.nackDelta': 1,
    'browser.stats.rtt': 0,
  }),
  limit('decoderStarved', 'browser.decodeQueuePictures', 7, 8),
  limit('decoderStarved', 'browser.longestWorkerStallMs', 390, 400),
  limit('decoderSilent', 'browser.stats.framesDecodedDelta', 53, 49, {
    'browser.presentedFps': undefined,
    'browser.stats.fps': undefined,
  }),
  limit('pageHidden', 'browser.hiddenMs', 990, 1000),
  limit('pageBusy', 'browser.longestPageStallMs', 290, 300),
  // Of a page hidden for a quarter of the time nothing else is said.
  limit('notPresented', 'browser.hiddenMs', 500, 490, { 'browser.presentedFps': 20 }),
  limit('clockStep', 'browser.clockStepsMs', [19.9], [20.1], { 'browser.clockUncertaintyMs': 9 }),
  limit('clockStep', 'browser.clockStepsMs', [79], [81], { 'browser.clockUncertaintyMs': 40 }),
  limit('controlBlocked', 'browser.control.blockedMs', 990, 1000),
  limit('controlBlocked', 'browser.control.longestReportGapMs', 990, 1000),
  limit('controlBlocked', 'server.commandsPassed', 51, 49, { 'machine.commandsReceived': 51 }),
  limit('controlLate', 'browser.control.roundTripMs', 149, 151, {
    'machine.uplink.roundTripMs': 15,
    'browser.stats.rtt': 15,
  }),
];

it.each(limits)('D1 $cause: $figure of $at, not yet of $below', (of) => {
  const { cause, figure, below, at, others = {} } = of;
  const causesAt = (value: unknown): Cause[] => {
    const samples = altered(samplesOf({ seed: 2, samples: 12 }), { ...others, [figure]: value });
    return diagnose({ streams: [{ streamId: 0, samples }] }).findings.map((one) => one.cause);
  };
  expect(causesAt(at)).toContain(cause);
  expect(causesAt(below)).not.toContain(cause);
});

it.each([
  { what: 'ten commands', sent: 10, causes: ['controlBlocked'] },
  { what: 'nine commands', sent: 9, causes: [] },
])('D1 of $what in a period that are lost', ({ sent, causes }) => {
  const samples = altered(samplesOf({ seed: 2, samples: 12 }), {
    'browser.control.commandsSent': sent,
    'server.commandsPassed': 0,
    'machine.commandsReceived': 0,
    'machine.commandsReleased': 0,
  });
  const { findings } = diagnose({ streams: [{ streamId: 0, samples }] });
  expect(findings.map(({ cause }) => cause)).toEqual(causes);
});

it.each([
  { lost: 2, causes: [] },
  { lost: 3, causes: ['decoderSilent'] },
])('D1 of five pictures a second, $lost lost in a period', ({ lost, causes }) => {
  const base = { fps: 5, configuredBps: 300_000, minimumBps: 50_000 };
  const samples = altered(samplesOf({ seed: 2, samples: 12, base }), {
    'browser.stats.framesReceivedDelta': 10,
    'browser.stats.framesDecodedDelta': 10 - lost,
    'browser.presentedFps': undefined,
    'browser.stats.fps': undefined,
  });
  const { findings } = diagnose({ streams: [{ streamId: 0, samples }] });
  expect(findings.map(({ cause }) => cause)).toEqual(causes);
});

function limit(
  cause: Cause,
  figure: string,
  below: unknown,
  at: unknown,
  others: Figures = {},
): Limit {
  return { cause, figure, below, at, others };
}

/** What comes behind the encoder follows it. */
function fpsBehindEncoder(fps: number): Figures {
  return {
    'server.stream.receivedFps': fps,
    'browser.stats.framesReceivedDelta': 2 * fps,
    'browser.stats.framesDecodedDelta': 2 * fps,
    'browser.presentedFps': fps,
  };
}
