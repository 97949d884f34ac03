import { decodeClock, encodeClock, type MessageLabel, messageWays } from '@longreach/protocol';
import {
  ArrivalLog,
  buildReceiverEstimate,
  isRtcp,
  MessageLink,
  payloadEnd,
  payloadOffset,
  readSsrc,
} from '@longreach/rtp';
import {
  createPeer,
  type MediaDescription,
  type MediaTrack,
  type Peer,
  parseMediaDescriptions,
  type TrackDescription,
  withCandidates,
  withoutCandidates,
} from '@longreach/webrtc-node';
import { machineClock } from '../../local/machine-clock.ts';

/** How far the test worker's clock is ahead of the machine's, µs. */
export const workerAheadUs = 5_000_000;

const messagesMid = 'm';
const messagesSsrc = 4343;

const mirrored = {
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  sendrecv: 'sendrecv',
  inactive: 'inactive',
} as const;

/** The media worker's end of one connection, for tests: answers the offer, keeps what arrives. */
export class AnsweringWorker {
  readonly answer: string;
  readonly media: MediaDescription[];
  readonly tracks = new Map<string, MediaTrack>();
  readonly packets: Buffer[] = [];
  readonly reports: Buffer[] = [];
  answersClock = true;
  /** Whether it says what arrived, transport-wide. */
  givesFeedback = false;
  /** A network that loses what this says. */
  loses: (packet: Buffer) => boolean = () => false;
  readonly #peer: Peer;
  readonly #messages = new MessageLink<MessageLabel>({
    ways: messageWays,
    sendPacket: (packet) => this.#sendPacket(packet),
    onMessage: (label, bytes) => this.#handleMessage(label, bytes),
  });
  #messagePackets = 0;
  readonly #arrivals = new ArrivalLog();
  readonly #feedbackTimer: NodeJS.Timeout;

  /** `announcedPort`: where the machine sends to, for a network between the two. Default `port`. */
  constructor(offer: string, port: number, announcedPort = port) {
    this.#peer = createPeer({ name: 'worker', bindAddress: '127.0.0.1', muxPort: port });
    this.media = parseMediaDescriptions(offer);
    for (const media of this.media) this.#addTrack(media, offer);
    this.#feedbackTimer = setInterval(() => this.#giveFeedback(), 5);
    this.#peer.setRemoteDescription(withoutCandidates(offer), 'offer');
    const answer = this.#peer.setLocalDescription('answer');
    this.answer = withCandidates(answer, [{ host: '127.0.0.1', port: announcedPort }]);
  }

  /** RTP packets of one SSRC so far. */
  rtpOf(ssrc: number): Buffer[] {
    return this.packets.filter((packet) => !isRtcp(packet) && readSsrc(packet) === ssrc);
  }

  /** Says how much media it takes, bit/s. */
  limit(bitrateBps: number): void {
    const ssrcs = this.media[0]?.ssrcs.slice(0, 1) ?? [];
    this.tracks.get('0')?.send(buildReceiverEstimate(1, bitrateBps, ssrcs));
  }

  /** Sends a message to the machine. */
  send(label: MessageLabel, bytes: Uint8Array): void {
    this.#messages.send(label, bytes, machineClock.nowUs());
  }

  close(): void {
    clearInterval(this.#feedbackTimer);
    this.#peer.close();
  }

  #handlePacket(packet: Buffer): void {
    if (!isRtcp(packet)) {
      if (this.loses(packet)) return;
      this.#arrivals.handlePacket(packet.readUInt16BE(20), machineClock.nowUs());
    }
    this.packets.push(packet);
  }

  #giveFeedback(): void {
    if (!this.givesFeedback) return;
    const ssrc = this.media[0]?.ssrcs[0] ?? 0;
    const packet = this.#arrivals.takeFeedback(machineClock.nowUs(), 1, ssrc);
    if (packet) this.tracks.get('0')?.send(packet);
  }

  #addTrack(media: MediaDescription, offer: string): void {
    if (media.kind !== 'video' && media.kind !== 'audio') return;
    const section = offer.split(/(?=^m=)/m).find((text) => text.includes(`a=mid:${media.mid}\r`));
    const lines = (section ?? '')
      .split('\r\n')
      .filter((line) => /^a=(rtpmap|fmtp|rtcp-fb|extmap):/.test(line));
    const direction: TrackDescription['direction'] = mirrored[media.direction];
    const isMessages = media.mid === messagesMid;
    const ssrcOf = isMessages ? messagesSsrc : 4242;
    const ssrc = media.kind === 'audio' ? [`a=ssrc:${ssrcOf} cname:worker`] : [];
    const track = this.#peer.addTrack({
      kind: media.kind,
      mid: media.mid,
      direction,
      lines: [...lines, ...ssrc],
    });
    this.tracks.set(media.mid, track);
    track.onPacket((packet) => {
      if (isMessages) this.#handleMessagePacket(packet);
      else this.#handlePacket(packet);
    });
  }

  #handleMessagePacket(packet: Buffer): void {
    if (isRtcp(packet)) return;
    const payload = packet.subarray(payloadOffset(packet), payloadEnd(packet));
    this.#messages.handlePacket(payload, machineClock.nowUs());
  }

  #sendPacket(payload: Uint8Array): boolean {
    const header = Buffer.from([0x80, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt16BE(this.#messagePackets++ & 0xffff, 2);
    header.writeUInt32BE(messagesSsrc, 8);
    return this.tracks.get(messagesMid)?.send(Buffer.concat([header, payload])) ?? false;
  }

  #handleMessage(label: MessageLabel, bytes: Uint8Array): void {
    if (label === 'report') this.reports.push(Buffer.from(bytes));
    const clock = label === 'clock' ? decodeClock(bytes) : undefined;
    if (clock?.kind !== 'request' || !this.answersClock) return;
    const atUs = machineClock.nowUs() + workerAheadUs;
    const { sentUs } = clock;
    this.send('clock', encodeClock({ kind: 'reply', sentUs, receivedUs: atUs, repliedUs: atUs }));
  }
}
