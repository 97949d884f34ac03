import { decodeClock, encodeClock } from '@longreach/protocol';
import { ArrivalLog, buildReceiverEstimate, isRtcp, readSsrc } from '@longreach/rtp';
import {
  createPeer,
  type MediaDescription,
  type MediaTrack,
  type Peer,
  type PeerChannel,
  parseMediaDescriptions,
  type TrackDescription,
  withCandidates,
  withoutCandidates,
} from '@longreach/webrtc-node';
import { machineClock } from '../../local/machine-clock.ts';

/** How far the test worker's clock is ahead of the machine's, µs. */
export const workerAheadUs = 5_000_000;

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
  readonly channels = new Map<string, PeerChannel>();
  readonly packets: Buffer[] = [];
  readonly reports: Buffer[] = [];
  answersClock = true;
  /** Whether it says what arrived, transport-wide. */
  givesFeedback = false;
  /** A network that loses what this says. */
  loses: (packet: Buffer) => boolean = () => false;
  readonly #peer: Peer;
  readonly #arrivals = new ArrivalLog();
  readonly #feedbackTimer: NodeJS.Timeout;

  /** `announcedPort`: where the machine sends to, for a network between the two. Default `port`. */
  constructor(offer: string, port: number, announcedPort = port) {
    this.#peer = createPeer({ name: 'worker', bindAddress: '127.0.0.1', muxPort: port });
    this.media = parseMediaDescriptions(offer);
    for (const media of this.media) this.#addTrack(media, offer);
    this.#peer.onChannel((channel) => this.#keepChannel(channel));
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
    const ssrc = media.kind === 'audio' ? ['a=ssrc:4242 cname:worker'] : [];
    const track = this.#peer.addTrack({
      kind: media.kind,
      mid: media.mid,
      direction,
      lines: [...lines, ...ssrc],
    });
    this.tracks.set(media.mid, track);
    track.onPacket((packet) => this.#handlePacket(packet));
  }

  #keepChannel(channel: PeerChannel): void {
    this.channels.set(channel.label, channel);
    channel.onMessage((bytes) => {
      if (channel.label === 'report') this.reports.push(bytes);
      const clock = channel.label === 'clock' ? decodeClock(bytes) : undefined;
      if (clock?.kind !== 'request' || !this.answersClock) return;
      const atUs = machineClock.nowUs() + workerAheadUs;
      const { sentUs } = clock;
      channel.send(encodeClock({ kind: 'reply', sentUs, receivedUs: atUs, repliedUs: atUs }));
    });
  }
}
