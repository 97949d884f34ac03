/** Places where a fault may sit: along the life of a frame, then what pictures and commands share, then the life of a command. */
export const stages = [
  ...(['camera', 'encoder', 'uplink', 'server', 'downlink'] as const),
  ...(['jitterBuffer', 'decoder', 'rendering'] as const),
  ...(['clock', 'permission', 'controlPath'] as const),
] as const;

/** Where a fault sits. */
export type Stage = (typeof stages)[number];

/** Every fault that has a rule. */
export type Cause =
  | 'cameraStalled'
  | 'cameraSlow'
  | 'encoderOverloaded'
  | 'encoderSilent'
  | 'uplinkOutage'
  | 'uplinkLoss'
  | 'uplinkRate'
  | 'uplinkQueue'
  | 'workerHeld'
  | 'downlinkOutage'
  | 'downlinkLoss'
  | 'downlinkRate'
  | 'masterRate'
  | 'downlinkQueue'
  | 'bufferCreep'
  | 'bufferForJitter'
  | 'decoderStarved'
  | 'decoderSilent'
  | 'pageHidden'
  | 'pageBusy'
  | 'notPresented'
  | 'frozen'
  | 'clockStep'
  | 'clockUncertain'
  | 'notMaster'
  | 'notArmed'
  | 'controlBlocked'
  | 'controlLate'
  | 'controlRefused';

/** One figure that speaks for a finding: its middle value while the fault lasted, and the limit that it crossed, if it has one. */
export type Evidence = { figure: string; value: number; unit: string; limit?: number };

/** A fault that was seen. */
export type Finding = {
  stage: Stage;
  cause: Cause;
  /** What is wrong, in one sentence. */
  summary: string;
  /** 0 to 1. */
  severity: number;
  evidence: readonly Evidence[];
  /** What to do about it. */
  advice: string;
  /** Streams that show it, ascending. */
  streamIds: readonly number[];
};

/** A finding that follows from another one. */
export type Consequence = Finding & { explainedBy: Cause };

/** Something seen that nobody is blamed for: nothing came of it, or it happened once. */
export type Remark = Finding & { reason: 'noEffect' | 'once' };

/** What a diagnosis says. */
export type Verdict = {
  /** The stage to blame first. */
  stage: Stage | 'healthy';
  /** First the one to blame first. */
  findings: readonly Finding[];
  consequences: readonly Consequence[];
  remarks: readonly Remark[];
  /** 0 to 1: how much of the way was known, and how clear the case is. */
  confidence: number;
};
