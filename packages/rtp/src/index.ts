export {
  canonicalExtensionIds,
  canonicalHeaderBytes,
  canonicalOffset,
  createLeg,
  type ExtensionIds,
  isCanonical,
  type Leg,
  type LegOptions,
  rewriteForLeg,
  writeCanonicalFrame,
  writeTransportSequence,
} from './canonical-layout.ts';
export { toCanonical } from './foreign-packet.ts';
export { type AccessUnit, H264Depacketizer } from './h264-depacketizer.ts';
export {
  isKeyFrameStart,
  KeyFrameDetector,
  type KeyFrameStart,
  keyFrameStart,
} from './h264-key-frame.ts';
export { NalType, splitAnnexB } from './h264-nal.ts';
export { maxPayloadBytes, packetizeH264, videoClockRate } from './h264-packetizer.ts';
export { KeyFrameRequests, type KeyFrameRequestsOptions } from './key-frame-requests.ts';
export { NackGenerator, type NackGeneratorOptions } from './nack-generator.ts';
export {
  compactDelay,
  compactNtp,
  type NtpTime,
  ntpFromUs,
  readNtpUs,
  roundTripUs,
  rtpTimestamp,
  usFromNtp,
  writeNtp,
} from './ntp-time.ts';
export { opusClockRate, packetizeOpus } from './opus-packetizer.ts';
export { PacketBuilder, type PacketBuilderOptions } from './packet-builder.ts';
export { ReceiveStats } from './receive-stats.ts';
export { parseRtcp } from './rtcp.ts';
export { buildDlrr, buildReceiverReferenceTime } from './rtcp-extended.ts';
export { buildFir, buildNack, buildPli } from './rtcp-feedback.ts';
export type { DlrrReport, ReportBlock, RtcpPacket, SenderInfo } from './rtcp-packet.ts';
export { buildBye, buildReceiverReport, buildSenderReport } from './rtcp-reports.ts';
export {
  extensionBytes,
  findExtension,
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
export { sequenceDistance, timestampDistance, unwrapSequence } from './sequence-number.ts';
export {
  type RewriteOutcome,
  StreamRewriter,
  type StreamRewriterOptions,
} from './stream-rewriter.ts';
export { TransportSequence } from './transport-sequence.ts';
