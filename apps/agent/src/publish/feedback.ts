import { parseRtcp, type ReportBlock, type RtcpPacket } from '@longreach/rtp';
import type { AudioSender } from './audio-sender.ts';
import { VideoSender } from './video-sender.ts';

/**
 * Hands the parts of one RTCP packet to the senders that they are about, by SSRC: the native library gives a
 * compound packet to any m-line. Never throws, whatever the bytes.
 */
export function routeFeedback(
  packet: Buffer,
  senders: ReadonlyArray<VideoSender | AudioSender>,
  onKeyFrameWanted: (streamId: number) => void,
): void {
  const videoOf = (ssrc: number) => {
    const sender = senders.find((candidate) => candidate.ssrc === ssrc);
    return sender instanceof VideoSender ? sender : undefined;
  };
  const wantKeyFrame = (ssrc: number) => {
    const sender = videoOf(ssrc);
    if (sender) onKeyFrameWanted(sender.streamId);
  };
  for (const part of parseRtcp(packet)) {
    switch (part.type) {
      case 'nack':
        videoOf(part.mediaSsrc)?.handleNack(part.sequences);
        break;
      case 'pli':
        wantKeyFrame(part.mediaSsrc);
        break;
      case 'fir':
        for (const { ssrc } of part.entries) wantKeyFrame(ssrc);
        break;
      default:
        for (const block of reportBlocks(part)) {
          senders.find((sender) => sender.ssrc === block.ssrc)?.handleReport(block);
        }
    }
  }
}

function reportBlocks(part: RtcpPacket): ReportBlock[] {
  return part.type === 'senderReport' || part.type === 'receiverReport' ? part.reports : [];
}
