/** Preparing the m-lines of an offer: codecs, header extensions, low latency. */

import type { StatsEntry } from '@longreach/telemetry';

/** RFC-less but widely spoken: the capture time travels with each frame. */
export const absoluteCaptureTimeUri =
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';

const playoutDelayUri = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';

type ExtensionNegotiation = {
  getHeaderExtensionsToNegotiate?(): RTCRtpHeaderExtensionCapability[];
  setHeaderExtensionsToNegotiate?(extensions: RTCRtpHeaderExtensionCapability[]): void;
};
type RTCRtpHeaderExtensionCapability = { uri: string; direction?: string };
type LowLatencyReceiver = { jitterBufferTarget?: number | null; playoutDelayHint?: number | null };

/**
 * Makes and sets the local offer, at once and without candidates: the server answers where packets come from. It is set
 * before it is handed out, so that an answer with candidates finds a transport.
 */
export async function offerMedia(
  peer: RTCPeerConnection,
  iceServers: RTCIceServer[],
  lowLatency: boolean,
): Promise<string> {
  if (iceServers.length > 0) peer.setConfiguration({ bundlePolicy: 'max-bundle', iceServers });
  const offer = await peer.createOffer();
  const dated = withRoundTripReports(withCaptureTime(offer.sdp ?? ''));
  const sdp = lowLatency ? dated : withoutPlayoutDelay(dated);
  await peer.setLocalDescription({ type: 'offer', sdp });
  return sdp;
}

/** The browser's statistics of a connection, as a list. */
export async function statsOf(peer: RTCPeerConnection): Promise<StatsEntry[]> {
  const entries: StatsEntry[] = [];
  const report = await peer.getStats();
  report.forEach((entry: StatsEntry) => {
    entries.push(entry);
  });
  return entries;
}

/** Adds one video m-line that only receives; with `lowLatency` nothing is held back on purpose. */
export function addVideoSlot(
  connection: RTCPeerConnection,
  lowLatency: boolean,
): RTCRtpTransceiver {
  const transceiver = connection.addTransceiver('video', { direction: 'recvonly' });
  const codecs = videoCodecs();
  if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
  requestCaptureTime(transceiver);
  if (lowLatency) holdNothingBack(transceiver);
  return transceiver;
}

/** Makes a receiver forget the buffer that it grew: its target is taken back and set anew. */
export function resetDelay(transceiver: RTCRtpTransceiver): void {
  const receiver = transceiver.receiver as RTCRtpReceiver & LowLatencyReceiver;
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = null;
  else if ('playoutDelayHint' in receiver) {
    (receiver as LowLatencyReceiver).playoutDelayHint = null;
  }
  holdNothingBack(transceiver);
}

function holdNothingBack(transceiver: RTCRtpTransceiver): void {
  const receiver = transceiver.receiver as RTCRtpReceiver & LowLatencyReceiver;
  // Never on the audio receiver: sound without a buffer is torn by the least jitter.
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  else if ('playoutDelayHint' in receiver) {
    (receiver as LowLatencyReceiver).playoutDelayHint = 0;
  }
}

/** H.264 constrained baseline, packetization-mode 1, with its repeats and parity; empty where a browser lacks it. */
function videoCodecs(): RTCRtpCodec[] {
  const all = RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? [];
  const wanted = all.filter(
    ({ mimeType, sdpFmtpLine = '' }) =>
      mimeType.toLowerCase() === 'video/h264' &&
      /profile-level-id=42e01f/i.test(sdpFmtpLine) &&
      /packetization-mode=1/.test(sdpFmtpLine),
  );
  if (wanted.length === 0) return [];
  return [...wanted, ...all.filter(({ mimeType }) => repairTypes.has(mimeType.toLowerCase()))];
}

const repairTypes = new Set(['video/rtx', 'video/flexfec-03']);

function requestCaptureTime(transceiver: RTCRtpTransceiver & ExtensionNegotiation): void {
  const extensions = transceiver.getHeaderExtensionsToNegotiate?.();
  if (!extensions || !transceiver.setHeaderExtensionsToNegotiate) return;
  for (const extension of extensions) {
    if (extension.uri === absoluteCaptureTimeUri) extension.direction = 'sendrecv';
  }
  transceiver.setHeaderExtensionsToNegotiate(extensions);
}

/** Offers absolute capture time in each video section, for browsers without the call above. Idempotent. */
export function withCaptureTime(sdp: string): string {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      if (!section.startsWith('m=video') || section.includes(absoluteCaptureTimeUri))
        return section;
      const id = freeExtensionId(sdp);
      if (id === undefined) return section;
      return section.replace(/(\r?\n)(a=mid:)/, `$1a=extmap:${id} ${absoluteCaptureTimeUri}$1$2`);
    })
    .join('');
}

/**
 * Offers extended reports (RFC 3611) for each H.264 codec: a browser that only receives learns its round trip by
 * them. Without it libwebrtc repeats an unanswered request for a lost packet only after 100 ms. Idempotent.
 */
export function withRoundTripReports(sdp: string): string {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      if (!section.startsWith('m=video')) return section;
      return section.replace(/^a=rtpmap:(\d+) H264\/90000(\r?\n)/gim, (line, type, end) => {
        const feedback = `a=rtcp-fb:${type} rrtr${end}`;
        return section.includes(feedback) ? line : `${line}${feedback}`;
      });
    })
    .join('');
}

/** Takes the playout delay out of an offer: the sender's word for "no buffering" is not heard then. */
export function withoutPlayoutDelay(sdp: string): string {
  return sdp
    .split(/(?<=\n)/)
    .filter((line) => !line.includes(playoutDelayUri))
    .join('');
}

/** An id of the one-byte form (RFC 8285: 1 to 14) that no section of a BUNDLE uses. */
function freeExtensionId(sdp: string): number | undefined {
  const used = new Set([...sdp.matchAll(/^a=extmap:(\d+)/gm)].map((match) => Number(match[1])));
  for (let id = 1; id <= 14; id++) if (!used.has(id)) return id;
  return undefined;
}
