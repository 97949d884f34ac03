/** Signed way from `from` to `to` on the 16-bit circle of RTP sequence numbers: −32,768 to 32,767. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

/** Signed way from `from` to `to` on the 32-bit circle of RTP timestamps. */
export function timestampDistance(from: number, to: number): number {
  return (to - from) | 0;
}

/** The 16-bit `sequence` as the ever-growing number that lies nearest to `near`; may be negative. */
export function unwrapSequence(near: number, sequence: number): number {
  return near + (((sequence - near) << 16) >> 16);
}
