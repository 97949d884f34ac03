const twoTo32 = 2 ** 32;
const twoTo31 = 2 ** 31;

/**
 * Capture time (machine clock, µs) of a picture out of its RTP timestamp: video timestamps are
 * floor(captureTimeUs × 0.09) mod 2³², shifted by the slot's `timestampOffset`. The machine clock need only be known
 * to within 6.6 hours (half of what 32 bits span) to say which turn of the counter it is. Rule M1 to M3.
 */
export function captureTimeUsOf(
  rtpTimestamp: number,
  timestampOffset: number,
  machineNowUs: number,
): number {
  const nowTicks = Math.floor(machineNowUs * 0.09);
  let behind = modulo(nowTicks - (rtpTimestamp - timestampOffset), twoTo32);
  if (behind >= twoTo31) behind -= twoTo32;
  return Math.max(0, Math.ceil(((nowTicks - behind) * 100) / 9));
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
