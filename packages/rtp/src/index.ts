export {
  canonicalExtensionIds,
  canonicalHeaderBytes,
  createLeg,
  type ExtensionIds,
  isCanonical,
  type Leg,
  type LegOptions,
  readTransportSequence,
  rewriteForLeg,
  writeTransportSequence,
} from './canonical-layout.ts';
export * from './congestion/index.ts';
export * from './fec/index.ts';
export * from './flexfec/index.ts';
export { toCanonical } from './foreign-packet.ts';
export { KeyFrameDetector } from './h264-key-frame.ts';
export { packetizeH264, videoClockRate } from './h264-packetizer.ts';
export { KeyFrameRequests, type KeyFrameRequestsOptions } from './key-frame-requests.ts';
export * from './messages/index.ts';
export {
  compactDelay,
  compactNtp,
  type NtpTime,
  ntpFromUs,
  roundTripUs,
  rtpTimestamp,
} from './ntp-time.ts';
export { opusClockRate, packetizeOpus } from './opus-packetizer.ts';
export { PacketBuilder, type PacketBuilderOptions } from './packet-builder.ts';
export { ReceiveStats } from './receive-stats.ts';
export * from './repair/index.ts';
export { parseRtcp } from './rtcp.ts';
export { buildReceiverEstimate } from './rtcp-estimate.ts';
export { buildExtendedReport } from './rtcp-extended.ts';
export { buildNack, buildPli } from './rtcp-feedback.ts';
export {
  type ExtendedReport,
  notReceived,
  type ReceiverEstimate,
  type ReferenceEcho,
  type ReportBlock,
  type RtcpPacket,
  type SenderInfo,
  type TransportFeedback,
} from './rtcp-packet.ts';
export { buildReceiverReport, buildSenderReport } from './rtcp-reports.ts';
export {
  isRtcp,
  isRtp,
  payloadEnd,
  payloadOffset,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from './rtp-packet.ts';
export { unwrapRtx, wrapRtx } from './rtx.ts';
export { SendHistory, type SendHistoryOptions } from './send-history.ts';
export { sequenceDistance, timestampDistance } from './sequence-number.ts';
export {
  type RewriteOutcome,
  StreamRewriter,
  type StreamRewriterOptions,
} from './stream-rewriter.ts';
export { TransportSequence } from './transport-sequence.ts';
