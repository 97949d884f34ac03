/** Reads what this project needs from the m-lines of an SDP (RFC 8866, RFC 8829); never throws. */

/** One codec of an m-line. */
export type CodecDescription = {
  payloadType: number;
  /** Lower case, e.g. `h264`, `opus`, `rtx`. */
  name: string;
  clockRate: number;
  /** Text after `a=fmtp:<pt> `, empty when there is none. */
  parameters: string;
  /** Feedback it takes (`a=rtcp-fb`, RFC 4585), e.g. `nack pli`. */
  feedback: string[];
};

/** One m-line as the other side described it. */
export type MediaDescription = {
  kind: 'video' | 'audio' | 'application' | 'other';
  mid: string;
  direction: 'sendonly' | 'recvonly' | 'sendrecv' | 'inactive';
  codecs: CodecDescription[];
  /** Header extension id by URI (RFC 8285). */
  extensions: Map<string, number>;
  /** In order of appearance. */
  ssrcs: number[];
  /** Retransmission SSRC by primary SSRC (`a=ssrc-group:FID`). */
  rtxSsrcs: Map<number, number>;
  /** Error correction SSRC by primary SSRC (`a=ssrc-group:FEC-FR`, RFC 5956). */
  fecSsrcs: Map<number, number>;
};

/** URIs of the header extensions that this project uses. */
export const extensionUris = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  transportSequence: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  playoutDelay: 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  absoluteCaptureTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
} as const;

/** The m-lines of a description, in order. */
export function parseMediaDescriptions(sdp: string): MediaDescription[] {
  const sections = sdp.split(/\r?\n(?=m=)/).slice(1);
  return sections.slice(0, 64).map(parseSection);
}

/** The H.264 constrained-baseline codec in packetization mode 1 and its retransmission codec, if offered. */
export function findH264(
  media: MediaDescription,
): { codec: CodecDescription; rtx?: CodecDescription } | undefined {
  const candidates = media.codecs.filter(
    (codec) => codec.name === 'h264' && /packetization-mode=1/.test(codec.parameters),
  );
  const codec =
    candidates.find((c) => /profile-level-id=42e0/i.test(c.parameters)) ??
    candidates.find((c) => /profile-level-id=42/i.test(c.parameters)) ??
    candidates[0];
  if (!codec) return undefined;
  const rtx = media.codecs.find(
    (c) =>
      c.name === 'rtx' && new RegExp(`(^|;)\\s*apt=${codec.payloadType}(;|$)`).test(c.parameters),
  );
  return rtx ? { codec, rtx } : { codec };
}

/** Whether a codec's sender may be told of every packet's arrival (`transport-cc`). */
export function takesTransportFeedback(codec: CodecDescription): boolean {
  return codec.feedback.includes('transport-cc');
}

/** The Opus codec, if offered. */
export function findOpus(media: MediaDescription): CodecDescription | undefined {
  return media.codecs.find((codec) => codec.name === 'opus');
}

function parseSection(section: string): MediaDescription {
  const lines = section.split(/\r?\n/);
  const kind = /^m=(\w+)/.exec(lines[0] ?? '')?.[1] ?? 'other';
  const media: MediaDescription = {
    kind: kind === 'video' || kind === 'audio' || kind === 'application' ? kind : 'other',
    mid: '',
    direction: 'sendrecv',
    codecs: [],
    extensions: new Map(),
    ssrcs: [],
    rtxSsrcs: new Map(),
    fecSsrcs: new Map(),
  };
  const parameters = new Map<number, string>();
  for (const line of lines) readLine(line, media, parameters);
  for (const codec of media.codecs) codec.parameters = parameters.get(codec.payloadType) ?? '';
  // After the codecs: these lines may stand before theirs.
  for (const line of lines) readFeedback(line, media);
  return media;
}

function readLine(line: string, media: MediaDescription, parameters: Map<number, string>): void {
  const match = /^a=([a-z-]+)(?::(.*))?$/i.exec(line);
  if (!match) return;
  const value = match[2] ?? '';
  switch (match[1]) {
    case 'mid':
      media.mid = value.trim();
      break;
    case 'sendonly':
    case 'recvonly':
    case 'sendrecv':
    case 'inactive':
      media.direction = match[1];
      break;
    case 'rtpmap':
      readCodec(value, media);
      break;
    case 'fmtp':
      parameters.set(Number.parseInt(value, 10), value.replace(/^\d+ /, ''));
      break;
    case 'extmap':
      readExtension(value, media);
      break;
    case 'ssrc':
      readSsrc(value, media);
      break;
    case 'ssrc-group':
      readGroup(value, media);
      break;
  }
}

function readCodec(value: string, media: MediaDescription): void {
  const match = /^(\d+) ([A-Za-z0-9-]+)\/(\d+)/.exec(value);
  // Seven bits: a larger one would be another payload type on the wire.
  if (!match || Number(match[1]) > 0x7f) return;
  media.codecs.push({
    payloadType: Number(match[1]),
    name: (match[2] as string).toLowerCase(),
    clockRate: Number(match[3]),
    parameters: '',
    feedback: [],
  });
}

function readExtension(value: string, media: MediaDescription): void {
  const match = /^(\d+)(?:\/\w+)? (\S+)/.exec(value);
  const id = Number(match?.[1]);
  // Ids 1 to 14 fit the one-byte form (RFC 8285 section 4.2).
  if (match && id >= 1 && id <= 14) media.extensions.set(match[2] as string, id);
}

function readSsrc(value: string, media: MediaDescription): void {
  const ssrc = Number.parseInt(value, 10);
  if (ssrc > 0 && ssrc <= 0xffffffff && !media.ssrcs.includes(ssrc)) media.ssrcs.push(ssrc);
}

function readGroup(value: string, media: MediaDescription): void {
  const match = /^(FID|FEC-FR) (\d+) (\d+)/.exec(value);
  if (!match) return;
  const group = match[1] === 'FID' ? media.rtxSsrcs : media.fecSsrcs;
  group.set(Number(match[2]), Number(match[3]));
}

function readFeedback(line: string, media: MediaDescription): void {
  const match = /^a=rtcp-fb:(\d+|\*) (.+)$/.exec(line);
  if (!match) return;
  for (const codec of media.codecs) {
    const isMeant = match[1] === '*' || Number(match[1]) === codec.payloadType;
    if (isMeant) codec.feedback.push((match[2] as string).trim());
  }
}
