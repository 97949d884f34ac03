import type { Slot, StreamInfo } from '@longreach/protocol';
import { canonicalExtensionIds } from '@longreach/rtp';
import { extensionUris, type TrackDescription } from '@longreach/webrtc-node';

/** Payload types of what this machine sends. */
export const payloadTypes = { h264: 102, rtx: 103, opus: 111 } as const;

/** One m-line of video: a stream of the machine under its own SSRCs. */
export type VideoLine = { mid: string; streamId: number; ssrc: number; rtxSsrc: number };
/** The one m-line of audio: the machine's sound out (if a stream has any), the operator's voice in. */
export type AudioLine = { mid: string; streamId: number | undefined; ssrc: number };

const audioMid = 'a';

/** The m-lines of a publishing connection; `randomSsrc` gives a new SSRC at each call. */
export function planLines(
  streams: StreamInfo[],
  hasVoice: boolean,
  randomSsrc: () => number,
): { video: VideoLine[]; audio: AudioLine | undefined } {
  const video = streams
    .filter((stream) => stream.mediaTypes.includes('video'))
    .map((stream, i) => ({
      mid: String(i),
      streamId: stream.streamId,
      ssrc: randomSsrc(),
      rtxSsrc: randomSsrc(),
    }));
  const streamId = streams.find((stream) => stream.mediaTypes.includes('audio'))?.streamId;
  const hasAudio = streamId !== undefined || hasVoice;
  return {
    video,
    audio: hasAudio ? { mid: audioMid, streamId, ssrc: randomSsrc() } : undefined,
  };
}

/** Which stream each m-line publishes, for the server. */
export function slotsOf(video: VideoLine[], audio: AudioLine | undefined): Slot[] {
  const slots: Slot[] = video.map(({ mid, streamId }) => ({ mid, streamId, mediaType: 'video' }));
  if (audio?.streamId !== undefined) {
    slots.push({ mid: audio.mid, streamId: audio.streamId, mediaType: 'audio' });
  }
  return slots;
}

/** SDP of a video m-line: H.264 constrained baseline with retransmission (RFC 6184, RFC 4588). */
export function describeVideo({ mid, ssrc, rtxSsrc }: VideoLine): TrackDescription {
  const { h264, rtx } = payloadTypes;
  return {
    kind: 'video',
    mid,
    direction: 'sendonly',
    lines: [
      `a=rtpmap:${h264} H264/90000`,
      `a=fmtp:${h264} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f`,
      `a=rtcp-fb:${h264} nack`,
      `a=rtcp-fb:${h264} nack pli`,
      `a=rtcp-fb:${h264} ccm fir`,
      `a=rtpmap:${rtx} rtx/90000`,
      `a=fmtp:${rtx} apt=${h264}`,
      ...extensionLines(),
      `a=ssrc-group:FID ${ssrc} ${rtxSsrc}`,
      `a=ssrc:${ssrc} cname:machine`,
      `a=ssrc:${rtxSsrc} cname:machine`,
    ],
  };
}

/** SDP of the audio m-line: Opus both ways (RFC 7587). */
export function describeAudio({ mid, ssrc }: AudioLine): TrackDescription {
  return {
    kind: 'audio',
    mid,
    direction: 'sendrecv',
    lines: [
      `a=rtpmap:${payloadTypes.opus} opus/48000/2`,
      `a=fmtp:${payloadTypes.opus} minptime=10;useinbandfec=1`,
      ...extensionLines(),
      `a=ssrc:${ssrc} cname:machine`,
    ],
  };
}

function extensionLines(): string[] {
  return [
    `a=extmap:${canonicalExtensionIds.mid} ${extensionUris.mid}`,
    `a=extmap:${canonicalExtensionIds.transportSequence} ${extensionUris.transportSequence}`,
    `a=extmap:${canonicalExtensionIds.playoutDelay} ${extensionUris.playoutDelay}`,
    `a=extmap:${canonicalExtensionIds.absCaptureTime} ${extensionUris.absoluteCaptureTime}`,
  ];
}
