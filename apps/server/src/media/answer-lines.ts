import { datagramReturnPacketMs } from '@longreach/protocol';
import {
  extensionUris,
  findH264,
  findOpus,
  type MediaDescription,
  type TrackDescription,
  takesTransportFeedback,
} from '@longreach/webrtc-node';

/** Payload types and header extension ids that the other side chose for one m-line; 0 = not negotiated. */
export type NegotiatedMedia = {
  mid: string;
  kind: 'video' | 'audio';
  payloadType: number;
  rtxPayloadType: number;
  /** Our parity of a machine's frames. */
  fecPayloadType: number;
  /** FlexFEC-03, which a browser reads. */
  flexFecPayloadType: number;
  /** Whether the receiver learns its round trip from extended reports (RFC 3611). */
  hasRoundTripReports: boolean;
  /** Duration of one audio packet that this side wants, ms; 0 = it does not matter. */
  packetMs: number;
  /** Whether the receiver tells of every packet's arrival by transport-wide sequence. */
  hasTransportFeedback: boolean;
  extensions: {
    mid: number;
    transportSequence: number;
    playoutDelay: number;
    absoluteCaptureTime: number;
  };
};

/** SSRCs under which this side sends on an m-line. */
export type SendSsrcs = { primary: number; rtx?: number; fec?: number };

/** What we can use of an offered m-line; undefined when it has no codec of ours. */
export function negotiate(media: MediaDescription): NegotiatedMedia | undefined {
  const extensionId = (uri: string) => media.extensions.get(uri) ?? 0;
  const extensions = {
    mid: extensionId(extensionUris.mid),
    transportSequence: extensionId(extensionUris.transportSequence),
    playoutDelay: extensionId(extensionUris.playoutDelay),
    absoluteCaptureTime: extensionId(extensionUris.absoluteCaptureTime),
  };
  const h264 = media.kind === 'video' ? findH264(media) : undefined;
  const codec = media.kind === 'audio' ? findOpus(media) : h264?.codec;
  if (!codec || (media.kind !== 'video' && media.kind !== 'audio')) return undefined;
  return {
    mid: media.mid,
    kind: media.kind,
    payloadType: codec.payloadType,
    rtxPayloadType: h264?.rtx?.payloadType ?? 0,
    fecPayloadType: h264 ? payloadTypeOf(media, 'longreach-fec') : 0,
    flexFecPayloadType: h264 ? payloadTypeOf(media, 'flexfec-03') : 0,
    packetMs: 0,
    hasRoundTripReports: h264?.codec.feedback.includes('rrtr') ?? false,
    hasTransportFeedback: extensions.transportSequence !== 0 && takesTransportFeedback(codec),
    extensions,
  };
}

/** The m-line as one for datagrams: nothing in the header but the transport-wide sequence. */
export function asDatagramLine(negotiated: NegotiatedMedia): NegotiatedMedia {
  const { transportSequence } = negotiated.extensions;
  const none = { mid: 0, playoutDelay: 0, absoluteCaptureTime: 0 };
  const extensions = { ...none, transportSequence };
  return { ...negotiated, packetMs: datagramReturnPacketMs, extensions };
}

function payloadTypeOf(media: MediaDescription, name: string): number {
  return media.codecs.find((codec) => codec.name === name)?.payloadType ?? 0;
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
    lines: [
      ...codecLines,
      ...sendingLines(negotiated, ssrcs),
      ...extensionLines(negotiated),
      ...ssrcLines(negotiated.mid, ssrcs),
    ],
  };
}

function videoLines(negotiated: NegotiatedMedia): string[] {
  const { payloadType, rtxPayloadType, fecPayloadType } = negotiated;
  const lines = [
    `a=rtpmap:${payloadType} H264/90000`,
    `a=fmtp:${payloadType} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f`,
    `a=rtcp-fb:${payloadType} nack`,
    `a=rtcp-fb:${payloadType} nack pli`,
    `a=rtcp-fb:${payloadType} ccm fir`,
    ...feedbackLines(negotiated),
  ];
  if (rtxPayloadType !== 0) {
    lines.push(`a=rtpmap:${rtxPayloadType} rtx/90000`);
    lines.push(`a=fmtp:${rtxPayloadType} apt=${payloadType}`);
  }
  if (fecPayloadType !== 0) lines.push(`a=rtpmap:${fecPayloadType} longreach-fec/90000`);
  return lines;
}

/** What only a receiver of ours is told: parity that it can read, and reports of its round trip. */
function sendingLines(negotiated: NegotiatedMedia, ssrcs: SendSsrcs | undefined): string[] {
  const { payloadType, flexFecPayloadType, hasRoundTripReports } = negotiated;
  const lines: string[] = [];
  if (ssrcs && hasRoundTripReports) lines.push(`a=rtcp-fb:${payloadType} rrtr`);
  if (ssrcs?.fec === undefined) return lines;
  lines.push(`a=rtpmap:${flexFecPayloadType} flexfec-03/90000`);
  lines.push(`a=fmtp:${flexFecPayloadType} repair-window=10000000`);
  return lines;
}

function audioLines(negotiated: NegotiatedMedia): string[] {
  const { payloadType, packetMs } = negotiated;
  return [
    `a=rtpmap:${payloadType} opus/48000/2`,
    `a=fmtp:${payloadType} minptime=10;useinbandfec=1`,
    ...(packetMs === 0 ? [] : [`a=ptime:${packetMs}`, `a=maxptime:${packetMs}`]),
    ...feedbackLines(negotiated),
  ];
}

function feedbackLines({ payloadType, hasTransportFeedback }: NegotiatedMedia): string[] {
  return hasTransportFeedback ? [`a=rtcp-fb:${payloadType} transport-cc`] : [];
}

function extensionLines({ extensions }: NegotiatedMedia): string[] {
  return Object.entries(extensions)
    .filter(([, id]) => id !== 0)
    .map(([name, id]) => `a=extmap:${id} ${extensionUris[name as keyof typeof extensionUris]}`);
}

// One cname and msid per m-line: the browser must not synchronise video with audio.
function ssrcLines(mid: string, ssrcs: SendSsrcs | undefined): string[] {
  if (!ssrcs) return [];
  const { primary, rtx, fec } = ssrcs;
  const known = [primary, rtx, fec].filter((ssrc) => ssrc !== undefined);
  return [
    ...(rtx === undefined ? [] : [`a=ssrc-group:FID ${primary} ${rtx}`]),
    ...(fec === undefined ? [] : [`a=ssrc-group:FEC-FR ${primary} ${fec}`]),
    `a=msid:- slot${mid}`,
    ...known.map((ssrc) => `a=ssrc:${ssrc} cname:slot${mid}`),
  ];
}
