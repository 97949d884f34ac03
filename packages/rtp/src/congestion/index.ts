export { allocateRate, type StreamDemand, type StreamRate } from './allocate-rate.ts';
export { ArrivalLog, type ArrivalLogOptions } from './arrival-log.ts';
export { CongestionController } from './congestion-controller.ts';
export { EncoderLadder, type EncoderLadderOptions, type EncoderSetting } from './encoder-ladder.ts';
export { InherentLoss } from './inherent-loss.ts';
export type { RateLimits } from './rate-control.ts';
