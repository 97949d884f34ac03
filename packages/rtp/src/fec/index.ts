export { encodeFec, type FecRows } from './encode-fec.ts';
export { type FecSource, fecHeaderBytes } from './fec-packet.ts';
export { FrameProtector, type FrameProtectorOptions } from './frame-protector.ts';
export { type LossReport, RedundancyPolicy } from './redundancy-policy.ts';
