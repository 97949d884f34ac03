export { type AssembledFrame, FrameAssembler } from './frame-assembler.ts';
export { type AccessUnit, H264Depacketizer, maxAccessUnitBytes } from './h264-depacketizer.ts';
export { PlayoutTiming, type PlayoutTimingOptions } from './playout-timing.ts';
