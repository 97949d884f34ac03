import type { DiagnosisInput, StreamSample } from '../input.ts';
import type { Cause, Stage } from '../vocabulary.ts';
import { type Changes, type Conditions, calm, changed } from './conditions-of-drive.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedDrive } from './simulated-drive.ts';

/** A run of one stream: how many samples, and from which one on what is different. */
export type Run = {
  seed: number;
  samples: number;
  base?: Changes;
  /** Each holds from its sample to before `until`, on top of the ones before. */
  faults?: readonly { from: number; until?: number; changes: Changes }[];
  startBps?: number;
};

/** Samples of one run. */
export function samplesOf({
  seed,
  samples,
  base = {},
  faults = [],
  startBps,
}: Run): StreamSample[] {
  const drive = new SimulatedDrive(new SeededRandom(seed), startBps);
  const usual = changed(calm, base);
  return Array.from({ length: samples }, (_, slot) => {
    const now = faults
      .filter(({ from, until = samples }) => slot >= from && slot < until)
      .reduce<Conditions>((conditions, { changes }) => changed(conditions, changes), usual);
    return drive.next(now);
  });
}

/** Input of one stream. */
export function inputOf(run: Run, streamId = 0): DiagnosisInput {
  return { deviceId: 'machine', streams: [{ streamId, samples: samplesOf(run) }] };
}

/** A fault, what it changes, and who is to be blamed for it first. */
export type Fault = { name: string; stage: Stage; cause: Cause; changes: Changes };

/** The twelve faults, some in several strengths. */
export const faults: readonly Fault[] = [
  fault('stalled camera', 'camera', 'cameraStalled', { cameraShare: 0 }),
  fault('encoder overloaded', 'encoder', 'encoderOverloaded', { encodeMs: 60 }),
  fault('encoder overloaded slightly', 'encoder', 'encoderOverloaded', { encodeMs: 42 }),
  fault('encoder overloaded, camera in its way', 'encoder', 'encoderOverloaded', {
    encodeMs: 60,
    encoderBlocksCamera: true,
  }),
  fault('10 % loss on the uplink, repaired', 'uplink', 'uplinkLoss', {
    uplink: { lossShare: 0.1 },
  }),
  fault('30 % loss on the uplink, repaired', 'uplink', 'uplinkLoss', {
    uplink: { lossShare: 0.3 },
  }),
  fault('5 % loss on the uplink that repair cannot hide', 'uplink', 'uplinkLoss', {
    uplink: { lossShare: 0.05, isRepaired: false },
  }),
  fault("10 % loss on the operator's leg, repaired", 'downlink', 'downlinkLoss', {
    downlink: { lossShare: 0.1 },
  }),
  fault("5 % loss on the operator's leg that repair cannot hide", 'downlink', 'downlinkLoss', {
    downlink: { lossShare: 0.05, isRepaired: false },
  }),
  fault('rate limit on the uplink', 'uplink', 'uplinkRate', {
    uplink: { capacityBps: 1_000_000 },
  }),
  fault('rate limit on the uplink below the minimum', 'uplink', 'uplinkRate', {
    uplink: { capacityBps: 350_000 },
  }),
  fault("rate limit on the operator's leg", 'downlink', 'downlinkRate', {
    downlink: { capacityBps: 1_000_000 },
  }),
  fault('media worker held by CPU', 'server', 'workerHeld', { workerHeldMs: 250 }),
  fault('media worker held by CPU now and then', 'server', 'workerHeld', { workerHeldMs: 80 }),
  fault('decoder starved', 'decoder', 'decoderStarved', { browserStarvedShare: 0.93 }),
  fault('decoder slow', 'decoder', 'decoderStarved', { decodeMs: 60 }),
  fault('hidden page', 'rendering', 'pageHidden', { hiddenShare: 1 }),
  fault('control path blocked at the browser', 'controlPath', 'controlBlocked', {
    control: 'channelFull',
  }),
  fault('control path blocked before the server', 'controlPath', 'controlBlocked', {
    control: 'lostBeforeServer',
  }),
  fault('control path blocked behind the server', 'controlPath', 'controlBlocked', {
    control: 'lostBehindServer',
  }),
  fault('control path blocked at the machine', 'controlPath', 'controlBlocked', {
    control: 'guardStalled',
  }),
  fault('jitter buffer grown', 'jitterBuffer', 'bufferCreep', { heldMs: 120 }),
  fault('jitter buffer grown over jitter', 'jitterBuffer', 'bufferForJitter', {
    downlink: { jitterMs: 80 },
  }),
];

/** A step of the clock is one moment: it has no end. */
export const clockStep: Fault = fault('clock step', 'clock', 'clockStep', { clockStepMs: 80 });

/** Runs in which nobody is to be blamed. */
export const healthy: readonly { name: string; base: Changes; startBps?: number }[] = [
  { name: 'a good network', base: {} },
  { name: '3 % loss on both legs, hidden by repair', base: lossy(0.03) },
  {
    name: '1080p30 at 1 Mbit/s, as configured',
    base: { configuredBps: 1_000_000, encodeMs: 9, decodeMs: 6 },
  },
  { name: 'a scene that needs little', base: { sceneShare: 0.3 } },
  {
    name: 'a scene that needs little, at a rate that nothing pushes up',
    base: { sceneShare: 0.3, uplink: { capacityBps: 1_500_000 } },
  },
  { name: 'a round trip of 240 ms', base: far(0) },
  { name: 'a round trip of 240 ms with 5 % loss, repaired', base: far(0.05) },
  {
    name: 'jitter of 20 ms on both legs',
    base: { uplink: { jitterMs: 20 }, downlink: { jitterMs: 20 } },
  },
  { name: '60 pictures a second', base: { fps: 60, encodeMs: 7, decodeMs: 4 } },
  { name: '10 pictures a second', base: { fps: 10, configuredBps: 800_000 } },
  { name: 'a guest who watches', base: { permission: 'guest', isDriving: false } },
  { name: 'a master who does not drive', base: { isDriving: false } },
  { name: 'a connection that begins', base: {}, startBps: 1_200_000 },
  { name: 'a slow but sufficient machine', base: { encodeMs: 20, decodeMs: 18 } },
];

function fault(name: string, stage: Stage, cause: Cause, changes: Changes): Fault {
  return { name, stage, cause, changes };
}

function lossy(lossShare: number): Changes {
  return { uplink: { lossShare }, downlink: { lossShare } };
}

function far(lossShare: number): Changes {
  const leg = { roundTripMs: 120, lossShare };
  return { uplink: leg, downlink: leg };
}
