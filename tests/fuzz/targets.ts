import type { FuzzTarget } from './fuzz-target.ts';
import { arrivalLogTarget, congestionTarget } from './targets/congestion.ts';
import { datagramTarget } from './targets/datagram.ts';
import { fecTarget, protectorTarget, repairTarget } from './targets/fec.ts';
import { flexFecTarget } from './targets/flexfec.ts';
import { clockTarget, commandTarget, reportTarget } from './targets/frames.ts';
import { assemblerTarget, depacketizerTarget, packetizerTarget } from './targets/h264.ts';
import { messagesTarget } from './targets/messages.ts';
import {
  estimateTarget,
  extendedReportTarget,
  rtcpTarget,
  transportFeedbackTarget,
} from './targets/rtcp.ts';
import { extensionTarget, keyFrameTarget, rtpTarget, rtxTarget } from './targets/rtp.ts';
import { sessionDescriptionTarget } from './targets/session-description.ts';

/** Everything that takes bytes from the network. */
export const fuzzTargets: readonly FuzzTarget[] = [
  ...[rtpTarget, extensionTarget, rtxTarget, keyFrameTarget],
  ...[rtcpTarget, transportFeedbackTarget, estimateTarget, extendedReportTarget],
  ...[fecTarget, repairTarget, protectorTarget, flexFecTarget],
  ...[depacketizerTarget, assemblerTarget, packetizerTarget],
  ...[datagramTarget, messagesTarget, commandTarget, reportTarget, clockTarget],
  ...[congestionTarget, arrivalLogTarget, sessionDescriptionTarget],
];
