/** Types of NAL unit (H.264 table 7-1) and of RTP payload structure (RFC 6184 table 1) that we handle. */
export const NalType = {
  idr: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  accessUnitDelimiter: 9,
  stapA: 24,
  fuA: 28,
} as const;
