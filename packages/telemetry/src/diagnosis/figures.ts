import type { StreamSample } from './input.ts';

/** One figure of a sample under the name that evidence gives it. */
export type Figure = {
  name: string;
  unit: string;
  of: (sample: StreamSample) => number | undefined;
};

const defaultPeriodMs = 2000;

/** Length of a sample's period, s. */
export function secondsOf({ periodMs }: StreamSample): number {
  return (periodMs || defaultPeriodMs) / 1000;
}

/** The figures that rules read. */
export const figures = {
  expectedFps: figure('machine.camera.expectedFps', 'fps', (s) => s.machine?.camera?.expectedFps),
  capturedFps: figure('machine.camera.capturedFps', 'fps', (s) => s.machine?.camera?.capturedFps),
  captureGapMs: figure('machine.camera.longestGapMs', 'ms', (s) => s.machine?.camera?.longestGapMs),
  encodedFps: figure('machine.encoder.encodedFps', 'fps', (s) => s.machine?.encoder?.encodedFps),
  encodeTimeMs: figure(
    'machine.encoder.encodeTimeMs',
    'ms',
    (s) => s.machine?.encoder?.encodeTimeMs,
  ),
  encodeTimeP95Ms: figure(
    'machine.encoder.encodeTimeP95Ms',
    'ms',
    (s) => s.machine?.encoder?.encodeTimeP95Ms,
  ),
  droppedBusyFps: figure('machine.encoder.picturesDroppedBusy', 'fps', (s) =>
    perSecond(s.machine?.encoder?.picturesDroppedBusy, s),
  ),
  leftOutFps: figure('machine.encoder.picturesLeftOut', 'fps', (s) =>
    perSecond(s.machine?.encoder?.picturesLeftOut, s),
  ),
  machineCpu: figure('machine.cpuShareByProcess', 'cores', (s) =>
    sum(s.machine?.cpuShareByProcess),
  ),
  configuredKbps: kbps(
    'machine.encoder.configuredBitrateBps',
    (s) => s.machine?.encoder?.configuredBitrateBps,
  ),
  targetKbps: kbps('machine.encoder.targetBitrateBps', (s) => s.machine?.encoder?.targetBitrateBps),
  actualKbps: kbps('machine.encoder.actualBitrateBps', (s) => s.machine?.encoder?.actualBitrateBps),
  toSentMs: figure(
    'machine.encoder.encodedToSentMs',
    'ms',
    (s) => s.machine?.encoder?.encodedToSentMs,
  ),
  uplinkKbps: kbps('machine.uplink.estimateBps', (s) => s.machine?.uplink?.estimateBps),
  allConfiguredKbps: kbps('machine.uplink.configuredBps', (s) => s.machine?.uplink?.configuredBps),
  viewerLimitKbps: kbps('machine.uplink.viewerLimitBps', (s) => s.machine?.uplink?.viewerLimitBps),
  uplinkRepair: percent('machine.uplink.repairShare', (s) => s.machine?.uplink?.repairShare),
  uplinkLoss: percent('machine.uplink.lossShare', uplinkLossShare),
  uplinkGivenUp: percent('server.stream.packetsGivenUp', givenUpShare),
  uplinkOutage: percent('machine.uplink.outageShare', (s) => s.machine?.uplink?.outageShare),
  uplinkQueueMs: figure(
    'machine.uplink.queueDelayMs',
    'ms',
    (s) => s.machine?.uplink?.queueDelayMs,
  ),
  uplinkRoundTripMs: figure(
    'machine.uplink.roundTripMs',
    'ms',
    (s) => s.machine?.uplink?.roundTripMs,
  ),
  serverFps: figure('server.stream.receivedFps', 'fps', (s) => s.server?.stream?.receivedFps),
  serverKbps: kbps('server.stream.bitrateBps', (s) => s.server?.stream?.bitrateBps),
  eventLoopMs: figure(
    'server.worker.eventLoopDelayP99Ms',
    'ms',
    (s) => s.server?.worker?.eventLoopDelayP99Ms,
  ),
  forwardMs: figure(
    'server.worker.forwardDelayP99Ms',
    'ms',
    (s) => s.server?.worker?.forwardDelayP99Ms,
  ),
  downlinkKbps: kbps('server.viewer.estimateBps', (s) => s.server?.viewer?.estimateBps),
  downlinkLoss: percent('server.viewer.lossShare', downlinkLossShare),
  downlinkQueueMs: figure(
    'server.viewer.queueDelayMs',
    'ms',
    (s) => s.server?.viewer?.queueDelayMs,
  ),
  downlinkRoundTripMs: figure(
    'browser.stats.rtt',
    'ms',
    (s) => s.browser?.stats?.rtt ?? s.server?.viewer?.roundTripMs,
  ),
  arrivedFps: figure('browser.stats.framesReceivedDelta', 'fps', (s) =>
    perSecond(s.browser?.stats?.framesReceivedDelta, s),
  ),
  jitterMs: figure('browser.stats.jitter', 'ms', (s) => times(s.browser?.stats?.jitter, 1000)),
  bufferMs: figure('browser.stats.jitterBuffer', 'ms', (s) => s.browser?.stats?.jitterBuffer),
  bufferTargetMs: figure(
    'browser.stats.jitterBufferTarget',
    'ms',
    (s) => s.browser?.stats?.jitterBufferTarget,
  ),
  repeatsAsked: figure('browser.stats.nackDelta', 'packets', (s) => s.browser?.stats?.nackDelta),
  decodedFps: figure('browser.stats.framesDecodedDelta', 'fps', (s) =>
    perSecond(s.browser?.stats?.framesDecodedDelta, s),
  ),
  decodeTimeMs: figure('browser.stats.decodeTime', 'ms', (s) => s.browser?.stats?.decodeTime),
  decodeQueue: figure(
    'browser.decodeQueuePictures',
    'pictures',
    (s) => s.browser?.decodeQueuePictures,
  ),
  decoderDroppedFps: figure('browser.picturesDropped', 'fps', (s) =>
    perSecond(s.browser?.picturesDropped, s),
  ),
  workerStallMs: figure(
    'browser.longestWorkerStallMs',
    'ms',
    (s) => s.browser?.longestWorkerStallMs,
  ),
  presentedFps: figure(
    'browser.presentedFps',
    'fps',
    (s) => s.browser?.presentedFps ?? s.browser?.stats?.fps,
  ),
  lag150: figure('browser.stats.lag150', '%', (s) => s.browser?.stats?.lag150),
  hidden: percent('browser.hiddenMs', (s) => times(s.browser?.hiddenMs, 1 / (1000 * secondsOf(s)))),
  pageStallMs: figure('browser.longestPageStallMs', 'ms', (s) => s.browser?.longestPageStallMs),
  clockUncertaintyMs: figure(
    'browser.clockUncertaintyMs',
    'ms',
    (s) => s.browser?.clockUncertaintyMs,
  ),
  commandsSent: figure(
    'browser.control.commandsSent',
    'commands',
    (s) => s.browser?.control?.commandsSent,
  ),
  commandsPassed: figure('server.commandsPassed', 'commands', (s) => s.server?.commandsPassed),
  commandsReceived: figure(
    'machine.commandsReceived',
    'commands',
    (s) => s.machine?.commandsReceived,
  ),
  commandsReleased: figure(
    'machine.commandsReleased',
    'commands',
    (s) => s.machine?.commandsReleased,
  ),
  blocked: percent('browser.control.blockedMs', (s) =>
    times(s.browser?.control?.blockedMs, 1 / (1000 * secondsOf(s))),
  ),
  controlRoundTripMs: figure(
    'browser.control.roundTripMs',
    'ms',
    (s) => s.browser?.control?.roundTripMs,
  ),
  reportGapMs: figure(
    'browser.control.longestReportGapMs',
    'ms',
    (s) => s.browser?.control?.longestReportGapMs,
  ),
  loopAgeMs: figure('browser.control.loopAgeMs', 'ms', (s) => s.browser?.control?.loopAgeMs),
} as const satisfies Record<string, Figure>;

function figure(name: string, unit: string, of: Figure['of']): Figure {
  return { name, unit, of };
}

/** A bitrate, given in bit/s. */
function kbps(name: string, ofBps: Figure['of']): Figure {
  return { name, unit: 'kbps', of: (sample) => times(ofBps(sample), 1 / 1000) };
}

/** A share, given from 0 to 1. */
function percent(name: string, ofShare: Figure['of']): Figure {
  return { name, unit: '%', of: (sample) => times(ofShare(sample), 100) };
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function perSecond(count: number | undefined, sample: StreamSample): number | undefined {
  return times(count, 1 / secondsOf(sample));
}

function sum(shares: Readonly<Record<string, number>> | undefined): number | undefined {
  return shares && Object.values(shares).reduce((total, share) => total + share, 0);
}

/** The machine's own measure of its link, else what the server missed of this stream. */
function uplinkLossShare({ machine, server }: StreamSample): number | undefined {
  const { packetsLost, packetsReceived } = server?.stream ?? {};
  return machine?.uplink?.lossShare ?? shareOf(packetsLost, packetsReceived);
}

function givenUpShare({ server }: StreamSample): number | undefined {
  return shareOf(server?.stream?.packetsGivenUp, server?.stream?.packetsReceived);
}

/** The server's measure of this leg; what the browser misses may have been lost before the server. */
function downlinkLossShare(sample: StreamSample): number | undefined {
  const own = sample.server?.viewer?.lossShare;
  const seen = times(sample.browser?.stats?.lost, 1 / 100);
  if (own !== undefined || seen === undefined) return own;
  return Math.max(0, seen - (givenUpShare(sample) ?? 0));
}

function shareOf(part: number | undefined, rest: number | undefined): number | undefined {
  if (part === undefined || rest === undefined || part + rest <= 0) return undefined;
  return part / (part + rest);
}
