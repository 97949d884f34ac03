import type { Encoding, Slot, StreamInfo } from '@longreach/protocol';
import { canonicalExtensionIds } from '@longreach/rtp';
import { extensionUris, type TrackDescription } from '@longreach/webrtc-node';

/** Payload types of what this machine sends. */
export const payloadTypes = { h264: 102, rtx: 103, fec: 104, opus: 111 } as const;
/** Codec name of our parity packets in SDP; their layout: `packages/rtp/src/fec`. */
export const fecCodecName = 'longreach-fec';

/** One m-line of video: one encoding of a stream of the machine under its own SSRCs. */
export type VideoLine = {
  mid: string;
  streamId: number;
  encoding: Encoding;
  ssrc: number;
  rtxSsrc: number;
  fecSsrc: number;
};
/** The one m-line of audio: the machine's sound out (if a stream has any), the operator's voice in. */
export type AudioLine = { mid: string; streamId: number | undefined; ssrc: number };

/** The one m-line of messages: command frames in, reports out, the clock both ways (`protocol/datagram.ts`). */
export type MessagesLine = { mid: string; ssrc: number };

const audioMid = 'a';
const messagesMid = 'm';

/** What a publishing connection can carry. */
export type PublishedMedia = {
  streams: StreamInfo[];
  /** Streams that the machine can encode a second time. */
  smallStreamIds: readonly number[];
  /** Whether the operator's voice is received. */
  voice: boolean;
};

/** The m-lines of a publishing connection; `randomSsrc` gives a new SSRC at each call. */
export function planLines(
  { streams, smallStreamIds, voice }: PublishedMedia,
  randomSsrc: () => number,
): { video: VideoLine[]; audio: AudioLine | undefined; messages: MessagesLine } {
  const filmed = streams.filter((stream) => stream.mediaTypes.includes('video'));
  const lineOf = ({ streamId }: StreamInfo, mid: string, encoding: Encoding): VideoLine => ({
    mid,
    streamId,
    encoding,
    ssrc: randomSsrc(),
    rtxSsrc: randomSsrc(),
    fecSsrc: randomSsrc(),
  });
  const video = [
    ...filmed.map((stream, i) => lineOf(stream, String(i), 'main')),
    // Nothing is encoded for these before a guest on a weak link needs it.
    ...filmed
      .filter(({ streamId }) => smallStreamIds.includes(streamId))
      .map((stream, i) => lineOf(stream, `s${i}`, 'small')),
  ];
  const streamId = streams.find((stream) => stream.mediaTypes.includes('audio'))?.streamId;
  const hasAudio = streamId !== undefined || voice;
  return {
    video,
    audio: hasAudio ? { mid: audioMid, streamId, ssrc: randomSsrc() } : undefined,
    messages: { mid: messagesMid, ssrc: randomSsrc() },
  };
}

/** Which stream each m-line publishes, for the server. */
export function slotsOf(video: VideoLine[], audio: AudioLine | undefined): Slot[] {
  const slots: Slot[] = video.map(({ mid, streamId, encoding }) => ({
    mid,
    streamId,
    mediaType: 'video',
    ...(encoding === 'main' ? {} : { encoding }),
  }));
  if (audio?.streamId !== undefined) {
    slots.push({ mid: audio.mid, streamId: audio.streamId, mediaType: 'audio' });
  }
  return slots;
}

/** SDP of a video m-line: H.264 constrained baseline with retransmission and parity (RFC 6184, RFC 4588, RFC 5956). */
export function describeVideo({ mid, ssrc, rtxSsrc, fecSsrc }: VideoLine): TrackDescription {
  const { h264, rtx, fec } = payloadTypes;
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
      `a=rtcp-fb:${h264} goog-remb`,
      `a=rtcp-fb:${h264} transport-cc`,
      `a=rtpmap:${rtx} rtx/90000`,
      `a=fmtp:${rtx} apt=${h264}`,
      `a=rtpmap:${fec} ${fecCodecName}/90000`,
      ...extensionLines(),
      `a=ssrc-group:FID ${ssrc} ${rtxSsrc}`,
      `a=ssrc-group:FEC-FR ${ssrc} ${fecSsrc}`,
      `a=ssrc:${ssrc} cname:machine`,
      `a=ssrc:${rtxSsrc} cname:machine`,
      `a=ssrc:${fecSsrc} cname:machine`,
    ],
  };
}

/** SDP of the audio m-line: Opus both ways (RFC 7587). */
export function describeAudio({ mid, ssrc }: AudioLine): TrackDescription {
  const { opus } = payloadTypes;
  return {
    kind: 'audio',
    mid,
    direction: 'sendrecv',
    lines: [
      `a=rtpmap:${opus} opus/48000/2`,
      `a=fmtp:${opus} minptime=10;useinbandfec=1`,
      `a=rtcp-fb:${opus} transport-cc`,
      ...extensionLines(),
      `a=ssrc:${ssrc} cname:machine`,
    ],
  };
}

/** SDP of the m-line of messages: of sound in name only. */
export function describeMessages({ mid, ssrc }: MessagesLine): TrackDescription {
  const lines = [`a=rtpmap:${payloadTypes.opus} opus/48000/2`, `a=ssrc:${ssrc} cname:machine`];
  return { kind: 'audio', mid, direction: 'sendrecv', lines };
}

function extensionLines(): string[] {
  return [
    `a=extmap:${canonicalExtensionIds.mid} ${extensionUris.mid}`,
    `a=extmap:${canonicalExtensionIds.transportSequence} ${extensionUris.transportSequence}`,
    `a=extmap:${canonicalExtensionIds.playoutDelay} ${extensionUris.playoutDelay}`,
    `a=extmap:${canonicalExtensionIds.absCaptureTime} ${extensionUris.absoluteCaptureTime}`,
  ];
}
