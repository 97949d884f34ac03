import { buildReceiverEstimate, isRtcp, parseRtcp } from '@longreach/rtp';
import { monotonicClock } from '../monotonic-clock.ts';
import { ArrivalFeedback } from './arrival-feedback.ts';
import { Connection, type ConnectionOptions, type Line } from './connection.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { RtpOutlet } from './rtp-outlet.ts';
import { Slot } from './slot.ts';
import { Source } from './source.ts';
import { reporterSsrc } from './source-repair.ts';

export type FieldConnectionOptions = Omit<ConnectionOptions, 'name'> & {
  roomId: string;
  connectionId: string;
  /** The machine uses this connection: the first packet came that is not about the clock. */
  onUsed: () => void;
};

/** A machine's connection: its tracks as sources, its messages, and the slot that carries the operator's voice. */
export class FieldConnection {
  readonly sources: Source[] = [];
  /** Towards the machine; only the master's microphone is shown in it. */
  voice: Slot | undefined;
  readonly connection: Connection;
  readonly #repairTimer = new DeadlineTimer(() => this.#ask());
  readonly #onUsed: () => void;
  #isUsed = false;
  #overUs = Number.POSITIVE_INFINITY;
  #arrivals: ArrivalFeedback | undefined;

  constructor(options: FieldConnectionOptions) {
    this.#onUsed = options.onUsed;
    this.connection = new Connection({
      ...options,
      onMessage: (label, bytes) => {
        this.#noteUse();
        options.onMessage(label, bytes);
      },
      name: `${options.roomId}/${options.connectionId}`,
    });
    for (const line of this.connection.lines) {
      if (line.datagramMids) this.#addMessages(line);
      else this.#addMedia(line);
    }
  }

  /** Another one has taken over. */
  get isRetired(): boolean {
    return this.#overUs < Number.POSITIVE_INFINITY;
  }

  /** Another one has taken over; this one is to be closed at that time. */
  retire(overUs: number): void {
    this.#overUs = Math.min(this.#overUs, overUs);
  }

  isOver(nowUs: number): boolean {
    return nowUs >= this.#overUs;
  }

  get answer(): string {
    return this.connection.answer;
  }

  tick(nowUs: number): void {
    this.connection.tick(nowUs);
    for (const source of this.sources) source.tick(nowUs);
    this.#arrivals?.tick(nowUs);
  }

  /** Once a second: lets repairs follow the leg's round trip. */
  report(): void {
    const roundTripMs = this.connection.roundTripMs();
    if (roundTripMs === undefined) return;
    for (const source of this.sources) source.setRoundTripUs(roundTripMs * 1000);
  }

  /** Tells the machine what the viewer that counts takes of all its video together, bit/s. */
  sendMediaLimit(bitrateBps: number): void {
    const videos = this.sources.filter(({ options }) => options.mediaType === 'video');
    const ssrcs = videos.map(({ options }) => options.ssrc);
    videos[0]?.options.sendRtcp(buildReceiverEstimate(reporterSsrc, bitrateBps, ssrcs));
  }

  close(): void {
    this.#repairTimer.close();
    this.voice?.show(undefined, monotonicClock.nowUs());
    this.connection.close();
  }

  #addMessages({ track }: Line): void {
    track.onPacket((bytes) => {
      if (!isRtcp(bytes)) this.connection.handleDatagram(bytes, monotonicClock.nowUs());
    });
  }

  #addMedia(line: Line): void {
    this.#addSource(line);
    if (line.negotiated.kind === 'audio') this.#addVoice(line);
  }

  #addSource(line: Line): void {
    const ssrc = primarySsrc(line.media);
    if (!line.request || ssrc === undefined) return;
    const { extensions, payloadType, rtxPayloadType, fecPayloadType } = line.negotiated;
    const { streamId, mediaType, encoding = 'main' } = line.request;
    const sendRtcp = (packet: Uint8Array) => line.track.send(packet);
    if (line.negotiated.hasTransportFeedback) {
      this.#arrivals ??= new ArrivalFeedback(ssrc, sendRtcp);
    }
    const source = new Source({
      streamId,
      mediaType,
      encoding,
      ssrc,
      payloadType,
      rtxPayloadType,
      fecPayloadType,
      extensionIds: { ...extensions, absCaptureTime: extensions.absoluteCaptureTime },
      sendRtcp,
      onArrival: (transportSequence, nowUs) =>
        this.#arrivals?.handlePacket(transportSequence, nowUs),
    });
    this.sources.push(source);
    line.track.onPacket((bytes) => this.#handlePacket(source, bytes));
  }

  #addVoice({ track, negotiated, ssrcs }: Line): void {
    if (!ssrcs) return;
    const { leg } = this.connection;
    const outlet = new RtpOutlet({ mediaType: 'audio', track, negotiated, ssrcs, leg });
    const { mid } = negotiated;
    this.voice = new Slot({ mediaType: 'audio', mid, outlet, leg, onSwitched: () => {} });
  }

  #handlePacket(source: Source, bytes: Buffer): void {
    const nowUs = monotonicClock.nowUs();
    if (!isRtcp(bytes)) {
      this.#noteUse();
      source.handleRtp(bytes, nowUs);
      this.#arrivals?.tick(nowUs);
      this.#repairTimer.wakeBy(source.nextDeadlineUs, nowUs);
      return;
    }
    for (const packet of parseRtcp(bytes)) {
      if (packet.type === 'senderReport' && packet.ssrc === source.options.ssrc) {
        source.handleSenderReport(packet.info.ntp, nowUs);
      }
    }
  }

  #noteUse(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    this.#onUsed();
  }

  #ask(): void {
    const nowUs = monotonicClock.nowUs();
    for (const source of this.sources) {
      source.ask(nowUs);
      this.#repairTimer.wakeBy(source.nextDeadlineUs, nowUs);
    }
  }
}

/** The SSRC of an m-line's media: the first that is not one of its repeats or parity. */
function primarySsrc({ ssrcs, rtxSsrcs, fecSsrcs }: Line['media']): number | undefined {
  const repairs = new Set([...rtxSsrcs.values(), ...fecSsrcs.values()]);
  return ssrcs.find((ssrc) => !repairs.has(ssrc));
}
