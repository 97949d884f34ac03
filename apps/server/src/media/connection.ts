import { randomInt } from 'node:crypto';
import { LongreachError } from '@longreach/kit';
import {
  type DataChannelLabel,
  dataChannels,
  decodeClock,
  encodeClock,
  type MessageLabel,
  messageWays,
  NetworkErrorCode,
  type Slot as SlotRequest,
} from '@longreach/protocol';
import { MessageLink, payloadEnd, payloadOffset } from '@longreach/rtp';
import {
  createPeer,
  type MediaDescription,
  type MediaTrack,
  type Peer,
  type PeerChannel,
  type PeerState,
  parseMediaDescriptions,
  type TrackDescription,
  withCandidates,
  withOffererAsClient,
  withoutCandidates,
} from '@longreach/webrtc-node';
import { monotonicClock } from '../monotonic-clock.ts';
import {
  asDatagramLine,
  describeAnswer,
  type NegotiatedMedia,
  negotiate,
  type SendSsrcs,
} from './answer-lines.ts';
import { DatagramLine } from './datagram-line.ts';
import { SendLeg } from './send-leg.ts';
import type { DatagramOffer, WorkerOptions } from './worker-channel.ts';

/** One negotiated m-line of a connection, with what was asked for it. */
export type Line = {
  media: MediaDescription;
  negotiated: NegotiatedMedia;
  track: MediaTrack;
  ssrcs: SendSsrcs | undefined;
  /** What the offer said the m-line carries, if it said so. */
  request: SlotRequest | undefined;
  /** Virtual mids of the slots inside, when the m-line carries whole packets instead of sound. */
  datagramMids: readonly string[] | undefined;
};

export type ConnectionOptions = {
  name: string;
  worker: WorkerOptions;
  sdp: string;
  slots: SlotRequest[];
  datagram?: DatagramOffer;
  /** It then begins the handshake; our own machines wait for ours, which is sooner between two native ends. */
  isFromBrowser: boolean;
  onState: (state: PeerState) => void;
  onMessage: (label: MessageLabel, bytes: Uint8Array) => void;
};

/**
 * The answering end of one peer connection: negotiates every m-line, carries the messages (inside the datagram m-line
 * when there is one, else over data channels), answers clock requests.
 */
export class Connection {
  readonly lines: Line[];
  readonly answer: string;
  readonly leg = new SendLeg();
  /** Whether messages were offered: in the datagram m-line or over data channels. */
  readonly hasMessages: boolean;
  /** The m-line that carries whole packets and messages, when one was offered. */
  readonly datagramLine: DatagramLine | undefined;
  readonly #peer: Peer;
  readonly #options: ConnectionOptions;
  readonly #channels = new Map<DataChannelLabel, PeerChannel>();
  readonly #messages: MessageLink<MessageLabel> | undefined;

  /** Throws MediaParameterError or InvalidParameters for an offer that cannot be answered. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { worker } = options;
    this.#peer = createPeer({
      name: options.name,
      bindAddress: worker.bindAddress,
      muxPort: worker.port,
    });
    try {
      const descriptions = parseMediaDescriptions(options.sdp);
      this.lines = descriptions.flatMap((media) => this.#addLine(media));
      assertDatagramLine(options, this.lines);
      this.datagramLine = this.#createDatagramLine();
      this.#messages = this.datagramLine && this.#createMessages(this.datagramLine);
      const hasChannels = descriptions.some(({ kind }) => kind === 'application');
      this.hasMessages = hasChannels || this.#messages !== undefined;
      this.#peer.onChannel((channel) => this.#keepChannel(channel));
      this.#peer.onState(options.onState);
      // The server answers where packets come from: candidates of the other side are of no use.
      const offer = withoutCandidates(options.sdp);
      this.#peer.setRemoteDescription(
        options.isFromBrowser ? withOffererAsClient(offer) : offer,
        'offer',
      );
      const answer = this.#peer.setLocalDescription('answer');
      this.answer = withCandidates(answer, announcedAddresses(worker));
    } catch (error) {
      this.#peer.close();
      throw error;
    }
  }

  /** Sends a message; on an unreliable data channel it is dropped when anything is still buffered. */
  send(label: DataChannelLabel, bytes: Uint8Array): boolean {
    if (this.#messages) return this.#messages.send(label, bytes, monotonicClock.nowUs());
    const channel = this.#channels.get(label);
    if (!channel) return false;
    const unreliable = 'maxRetransmits' in dataChannels[label];
    if (unreliable && channel.bufferedBytes() > 0) return false;
    return channel.send(bytes);
  }

  /** Takes a packet of the datagram m-line; anybody may have written its payload. */
  handleDatagram(packet: Buffer, nowUs: number): void {
    const payload = packet.subarray(payloadOffset(packet), payloadEnd(packet));
    this.#messages?.handlePacket(payload, nowUs);
  }

  /** Repeats messages that are due. */
  tick(nowUs: number): void {
    this.#messages?.tick(nowUs);
  }

  /** By the messages of the datagram m-line, or by the data channels' own packets; undefined while unknown. */
  roundTripMs(): number | undefined {
    if (!this.#messages) return this.#peer.roundTripMs();
    const { roundTripUs } = this.#messages;
    return roundTripUs === undefined ? undefined : roundTripUs / 1000;
  }

  close(): void {
    this.datagramLine?.close();
    this.#peer.close();
  }

  #addLine(media: MediaDescription): Line[] {
    if (media.kind !== 'video' && media.kind !== 'audio') return [];
    if (media.direction === 'inactive') return [];
    const isDatagram = media.mid === this.#options.datagram?.mid;
    const offered = negotiate(media);
    const negotiated = offered && isDatagram ? asDatagramLine(offered) : offered;
    if (!negotiated) {
      throw new LongreachError(
        NetworkErrorCode.MediaParameterError,
        `m-line ${media.mid} offers none of H.264 (packetization-mode 1) and Opus`,
      );
    }
    const sends = media.direction !== 'sendonly';
    const ssrcs = sends ? newSsrcs(negotiated) : undefined;
    const description = describeAnswer(negotiated, mirrored[media.direction], ssrcs);
    const track = this.#peer.addTrack(description);
    const request = this.#options.slots.find((slot) => slot.mid === media.mid);
    const datagramMids = isDatagram ? this.#options.datagram?.slots : undefined;
    return [{ media, negotiated, track, ssrcs, request, datagramMids }];
  }

  #keepChannel(channel: PeerChannel): void {
    if (!Object.hasOwn(dataChannels, channel.label)) return;
    const label = channel.label as DataChannelLabel;
    this.#channels.set(label, channel);
    channel.onMessage((bytes) => this.#handleMessage(label, bytes));
  }

  #createDatagramLine(): DatagramLine | undefined {
    const line = this.lines.find(({ datagramMids }) => datagramMids !== undefined);
    if (!line?.ssrcs) return undefined;
    const { track, negotiated, ssrcs } = line;
    return new DatagramLine({ track, negotiated, ssrcs, leg: this.leg });
  }

  #createMessages(line: DatagramLine): MessageLink<MessageLabel> {
    return new MessageLink<MessageLabel>({
      ways: messageWays,
      sendPacket: (packet) => line.sendMessage(packet, monotonicClock.nowUs()),
      onMessage: (label, bytes) => this.#handleMessage(label, bytes),
    });
  }

  #handleMessage(label: MessageLabel, bytes: Uint8Array): void {
    if (label === 'clock') this.#answerClock(bytes);
    else this.#options.onMessage(label, bytes);
  }

  #answerClock(bytes: Uint8Array): void {
    const receivedUs = monotonicClock.nowUs();
    const request = decodeClock(bytes);
    if (request?.kind !== 'request') return;
    const { sentUs } = request;
    this.send(
      'clock',
      encodeClock({ kind: 'reply', sentUs, receivedUs, repliedUs: monotonicClock.nowUs() }),
    );
  }
}

/** Throws MediaParameterError when the datagram line that the offer names is none, or a mid means two things. */
function assertDatagramLine({ datagram }: ConnectionOptions, lines: readonly Line[]): void {
  if (!datagram) return;
  const line = lines.find(({ datagramMids }) => datagramMids !== undefined);
  const isUsable = line?.negotiated.kind === 'audio' && line.media.direction === 'sendrecv';
  const mids = [...lines.map(({ media }) => media.mid), ...datagram.slots];
  if (isUsable && new Set(mids).size === mids.length) return;
  throw new LongreachError(
    NetworkErrorCode.MediaParameterError,
    'the datagram line must be an audio m-line both ways, with mids of its own inside',
  );
}

const mirrored: Record<MediaDescription['direction'], TrackDescription['direction']> = {
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  sendrecv: 'sendrecv',
  inactive: 'inactive',
};

function newSsrcs({ rtxPayloadType, flexFecPayloadType }: NegotiatedMedia): SendSsrcs {
  const primary = randomInt(1, 0xfffffffd);
  return {
    primary,
    ...(rtxPayloadType === 0 ? {} : { rtx: primary + 1 }),
    ...(flexFecPayloadType === 0 ? {} : { fec: primary + 2 }),
  };
}

function announcedAddresses(worker: WorkerOptions): Array<{ host: string; port: number }> {
  const announced = worker.announcedAddresses.length
    ? worker.announcedAddresses
    : [worker.bindAddress];
  return announced.map((address) => {
    const at = address.includes(']') ? address.indexOf(']:') + 1 : address.lastIndexOf(':');
    const single = at > 0 && (address.includes(']') || address.indexOf(':') === at);
    const host = (single ? address.slice(0, at) : address).replace(/[[\]]/g, '');
    return { host, port: single ? Number(address.slice(at + 1)) : worker.port };
  });
}
