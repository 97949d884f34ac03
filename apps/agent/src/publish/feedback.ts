import type { Encoding } from '@longreach/protocol';
import { parseRtcp, type TransportFeedback } from '@longreach/rtp';
import type { AudioSender } from './audio-sender.ts';
import { VideoSender } from './video-sender.ts';

/** One encoding of one stream. */
export type EncodingWish = { streamId: number; encoding: Encoding };

/** What is not about one sender alone. */
export type FeedbackHandlers = {
  onKeyFrameWanted: (wish: EncodingWish) => void;
  onTransportFeedback: (feedback: TransportFeedback) => void;
  /** The other side takes so much media, bit/s. */
  onLimit: (bitrateBps: number) => void;
};

/**
 * Hands the parts of one RTCP packet to the senders that they are about, by SSRC: the native library gives a
 * compound packet to any m-line. Never throws, whatever the bytes.
 */
export function routeFeedback(
  packet: Buffer,
  senders: ReadonlyArray<VideoSender | AudioSender>,
  handlers: FeedbackHandlers,
): void {
  const videoOf = (ssrc: number) => {
    const sender = senders.find((candidate) => candidate.ssrc === ssrc);
    return sender instanceof VideoSender ? sender : undefined;
  };
  const wantKeyFrame = (ssrc: number) => {
    const sender = videoOf(ssrc);
    if (!sender) return;
    handlers.onKeyFrameWanted({ streamId: sender.streamId, encoding: sender.encoding });
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
      case 'transportFeedback':
        handlers.onTransportFeedback(part);
        break;
      case 'remb':
        handlers.onLimit(part.bitrateBps);
        break;
      case 'senderReport':
      case 'receiverReport':
        for (const block of part.reports) {
          senders.find((sender) => sender.ssrc === block.ssrc)?.handleReport(block);
        }
        break;
      default:
    }
  }
}
