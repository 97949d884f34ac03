/** One leg of a picture's way. */
export type LegConditions = {
  roundTripMs: number;
  lossShare: number;
  /** Whether repair brings back what is lost. */
  isRepaired: boolean;
  capacityBps: number;
  /** Share of the time in which nothing passes. */
  outageShare: number;
  /** Packets are late by up to this much, ms. */
  jitterMs: number;
};

/** What a stream meets in one period. */
export type Conditions = {
  fps: number;
  configuredBps: number;
  minimumBps: number;
  /** Share of the asked bitrate that the scene needs. */
  sceneShare: number;
  /** Share of the asked pictures that the camera gives. */
  cameraShare: number;
  /** CPU time of one picture, ms. */
  encodeMs: number;
  /** Encoder and camera run in turn: what the one takes, the other lacks. */
  encoderBlocksCamera: boolean;
  uplink: LegConditions;
  downlink: LegConditions;
  /** How long the worker does not get the CPU, p99, ms. */
  workerHeldMs: number;
  decodeMs: number;
  /** Share of its CPU that the browser does not get. */
  browserStarvedShare: number;
  /** Pictures are held back by so much without a reason, ms. */
  heldMs: number;
  hiddenShare: number;
  pageStallMs: number;
  clockStepMs: number;
  /** Where commands get stuck. */
  control: 'free' | 'channelFull' | 'lostBeforeServer' | 'lostBehindServer' | 'guardStalled';
  controlDelayMs: number;
  permission: 'master' | 'guest';
  isDriving: boolean;
  encoding: 'main' | 'small';
};

/** Parts of conditions that a fault changes. */
export type Changes = Partial<Omit<Conditions, 'uplink' | 'downlink'>> & {
  uplink?: Partial<LegConditions>;
  downlink?: Partial<LegConditions>;
};

const calmLeg: LegConditions = {
  roundTripMs: 15,
  lossShare: 0,
  isRepaired: true,
  capacityBps: 50_000_000,
  outageShare: 0,
  jitterMs: 0,
};

/** A drive over a good network: 720p30 at 2.5 Mbit/s, 30 ms round trip. */
export const calm: Conditions = {
  fps: 30,
  configuredBps: 2_500_000,
  minimumBps: 400_000,
  sceneShare: 1,
  cameraShare: 1,
  encodeMs: 4,
  encoderBlocksCamera: false,
  uplink: calmLeg,
  downlink: calmLeg,
  workerHeldMs: 0,
  decodeMs: 3,
  browserStarvedShare: 0,
  heldMs: 0,
  hiddenShare: 0,
  pageStallMs: 0,
  clockStepMs: 0,
  control: 'free',
  controlDelayMs: 0,
  permission: 'master',
  isDriving: true,
  encoding: 'main',
};

/** Conditions with some of them changed. */
export function changed(conditions: Conditions, changes: Changes): Conditions {
  return {
    ...conditions,
    ...changes,
    uplink: { ...conditions.uplink, ...changes.uplink },
    downlink: { ...conditions.downlink, ...changes.downlink },
  };
}
