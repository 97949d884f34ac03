import {
  extensionUris,
  findH264,
  findOpus,
  type MediaDescription,
  type TrackDescription,
} from '@longreach/webrtc-node';

/** Payload types and header extension ids that the other side chose for one m-line; 0 = not negotiated. */
export type NegotiatedMedia = {
  mid: string;
  kind: 'video' | 'audio';
  payloadType: number;
  rtxPayloadType: number;
  extensions: {
    mid: number;
    transportSequence: number;
    playoutDelay: number;
    absoluteCaptureTime: number;
  };
};

/** SSRCs under which this side sends on an m-line. */
export type SendSsrcs = { primary: number; rtx?: number };

/** What we can use of an offered m-line; undefined when it has no codec of ours. */
export function negotiate(media: MediaDescription): NegotiatedMedia | undefined {
  const extensionId = (uri: string) => media.extensions.get(uri) ?? 0;
  const shared = {
    mid: media.mid,
    extensions: {
      mid: extensionId(extensionUris.mid),
      transportSequence: extensionId(extensionUris.transportSequence),
      playoutDelay: extensionId(extensionUris.playoutDelay),
      absoluteCaptureTime: extensionId(extensionUris.absoluteCaptureTime),
    },
  };
  if (media.kind === 'video') {
    const h264 = findH264(media);
    if (!h264) return undefined;
    return {
      ...shared,
      kind: 'video',
      payloadType: h264.codec.payloadType,
      rtxPayloadType: h264.rtx?.payloadType ?? 0,
    };
  }
  const opus = media.kind === 'audio' ? findOpus(media) : undefined;
  if (!opus) return undefined;
  return { ...shared, kind: 'audio', payloadType: opus.payloadType, rtxPayloadType: 0 };
}

/** Our side of an m-line: the mirrored direction, the one codec, and the SSRCs we send under, if any. */
export function describeAnswer(
  negotiated: NegotiatedMedia,
  direction: TrackDescription['direction'],
  ssrcs: SendSsrcs | undefined,
): TrackDescription {
  const codecLines = negotiated.kind === 'video' ? videoLines(negotiated) : audioLines(negotiated);
  return {
    kind: negotiated.kind,
    mid: negotiated.mid,
    direction,
    lines: [...codecLines, ...extensionLines(negotiated), ...ssrcLines(negotiated.mid, ssrcs)],
  };
}

function videoLines({ payloadType, rtxPayloadType }: NegotiatedMedia): string[] {
  const lines = [
    `a=rtpmap:${payloadType} H264/90000`,
    `a=fmtp:${payloadType} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f`,
    `a=rtcp-fb:${payloadType} nack`,
    `a=rtcp-fb:${payloadType} nack pli`,
    `a=rtcp-fb:${payloadType} ccm fir`,
  ];
  if (rtxPayloadType === 0) return lines;
  return [
    ...lines,
    `a=rtpmap:${rtxPayloadType} rtx/90000`,
    `a=fmtp:${rtxPayloadType} apt=${payloadType}`,
  ];
}

function audioLines({ payloadType }: NegotiatedMedia): string[] {
  return [
    `a=rtpmap:${payloadType} opus/48000/2`,
    `a=fmtp:${payloadType} minptime=10;useinbandfec=1`,
  ];
}

function extensionLines({ extensions }: NegotiatedMedia): string[] {
  return Object.entries(extensions)
    .filter(([, id]) => id !== 0)
    .map(([name, id]) => `a=extmap:${id} ${extensionUris[name as keyof typeof extensionUris]}`);
}

// One cname and msid per m-line: the browser must not synchronise video with audio.
function ssrcLines(mid: string, ssrcs: SendSsrcs | undefined): string[] {
  if (!ssrcs) return [];
  const lines = [`a=msid:- slot${mid}`, `a=ssrc:${ssrcs.primary} cname:slot${mid}`];
  if (ssrcs.rtx === undefined) return lines;
  return [
    `a=ssrc-group:FID ${ssrcs.primary} ${ssrcs.rtx}`,
    ...lines,
    `a=ssrc:${ssrcs.rtx} cname:slot${mid}`,
  ];
}
