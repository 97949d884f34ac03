import { encodeReport } from '@longreach/protocol';
import { isRtcp, parseRtcp } from '@longreach/rtp';
import { monotonicClock } from '../monotonic-clock.ts';
import type { SendSsrcs } from './answer-lines.ts';
import { arrivalsReport } from './arrivals-report.ts';
import { Connection, type ConnectionOptions, type Line } from './connection.ts';
import { DatagramOutlet } from './datagram-outlet.ts';
import { Downlink } from './downlink.ts';
import { FeedbackGate } from './feedback-gate.ts';
import { forwardDelays } from './forward-delays.ts';
import { ReturnPath } from './return-path.ts';
import { RtcpDuplicates } from './rtcp-duplicates.ts';
import { RtpOutlet } from './rtp-outlet.ts';
import { Slot, type SlotOptions } from './slot.ts';
import { Source } from './source.ts';

export type RemoteConnectionOptions = Omit<ConnectionOptions, 'name' | 'isFromBrowser'> & {
  roomId: string;
  peerId: string;
  connectionId: string;
  /** Another connection of the same viewer: its link is the same. */
  sibling: RemoteConnection | undefined;
  /** A slot begins to show another source. */
  onSwitched: (slot: Slot, source: Source) => void;
  /** A word to the viewer for a connection without messages of its own; false = it could not leave. */
  sendElsewhere: (report: Uint8Array) => boolean;
};

/** A remote device's connection: its slots, one for each receiving m-line and each place of a datagram line, and its microphone as a source. */
export class RemoteConnection {
  readonly peerId: string;
  readonly connectionId: string;
  readonly slots = new Map<string, Slot>();
  /** The microphone, when the connection has a sending audio m-line. */
  voice: Source | undefined;
  readonly connection: Connection;
  /** The receiver's link, when it tells what arrives. */
  readonly downlink: Downlink | undefined;
  /** What the main encodings of all that it is to show send, bit/s. */
  neededBps = 0;
  readonly #options: RemoteConnectionOptions;
  readonly #feedbackGate = new FeedbackGate();
  readonly #returnPath = new ReturnPath();
  readonly #duplicates = new RtcpDuplicates();
  readonly #datagramSlots: Slot[] = [];
  readonly #rtpSlots: Slot[] = [];
  /** Answers the receiver's extended reports: one for all its m-lines, they share its clock. */
  #reporter: RtpOutlet | undefined;
  /** What each slot shows, as the receiver must know it; sent again and again, since a report may be lost. */
  readonly #slotReports = new Map<string, Uint8Array>();
  readonly #unsent = new Set<string>();
  /** How long its pictures took to come here; only the newest is worth sending. */
  #arrivals: Uint8Array | undefined;

  constructor(options: RemoteConnectionOptions) {
    this.#options = options;
    this.peerId = options.peerId;
    this.connectionId = options.connectionId;
    this.connection = new Connection({
      ...options,
      isFromBrowser: true,
      name: `${options.roomId}/${options.peerId}/${options.connectionId}`,
      onMessage: (label, bytes) => {
        this.#returnPath.handleMessage(monotonicClock.nowUs());
        if (label === 'feedback') this.#handleFeedback(bytes);
        else options.onMessage(label, bytes);
      },
    });
    const { lines, leg } = this.connection;
    leg.measureBy(forwardDelays);
    const hasFeedback = lines.some(({ negotiated }) => negotiated.hasTransportFeedback);
    this.downlink = hasFeedback ? new Downlink(leg, options.sibling?.downlink) : undefined;
    for (const line of lines) this.#addLine(line);
  }

  get answer(): string {
    return this.connection.answer;
  }

  /** Whether it carries messages; one for a single track does not. */
  get hasMessages(): boolean {
    return this.connection.hasMessages;
  }

  /** Once a second: clock and counters of every slot, and what it shows. */
  report(nowUs: number, wallTimeUs: number): void {
    for (const slot of this.slots.values()) slot.report(nowUs, wallTimeUs);
    for (const mid of this.#slotReports.keys()) this.#unsent.add(mid);
    this.#arrivals = arrivalsReport(this.slots.values());
  }

  /** Does what is due: key frames that switches wait for, slot reports as soon as the channel takes them. */
  tick(nowUs: number): void {
    this.connection.tick(nowUs);
    for (const slot of this.slots.values()) slot.tick(nowUs);
    this.#refresh(nowUs);
    const probeBytes = this.downlink?.tick(this.neededBps, nowUs) ?? 0;
    if (probeBytes > 0) this.#probe(probeBytes, nowUs);
    this.#sendSlotReports();
    this.#sendArrivals();
  }

  close(): void {
    for (const slot of this.slots.values()) slot.show(undefined, monotonicClock.nowUs());
    this.connection.close();
  }

  /** A datagram player that cannot ask gets more parity, and key frames. */
  #refresh(nowUs: number): void {
    if (this.#datagramSlots.length === 0) return;
    if (this.downlink) this.downlink.isDeaf = this.#returnPath.isSilent(nowUs);
    const lossShare = this.downlink?.estimate?.lossShare ?? 0;
    if (!this.#returnPath.takeKeyFrameDue(lossShare, nowUs)) return;
    for (const slot of this.#datagramSlots) slot.shownSource?.requestKeyFrame(nowUs);
  }

  #probe(bytes: number, nowUs: number): void {
    let left = bytes;
    for (const slot of this.slots.values()) {
      if (slot.mediaType === 'video' && left > 0) left -= slot.probe(left, nowUs);
    }
  }

  #sendSlotReports(): void {
    for (const mid of this.#unsent) {
      const report = this.#slotReports.get(mid);
      if (!report || this.#sendReport(report)) this.#unsent.delete(mid);
    }
  }

  #sendArrivals(): void {
    if (!this.#arrivals || this.#unsent.size > 0) return;
    if (this.#sendReport(this.#arrivals)) this.#arrivals = undefined;
  }

  #sendReport(report: Uint8Array): boolean {
    if (this.hasMessages) return this.connection.send('report', report);
    return this.#options.sendElsewhere(report);
  }

  #addLine(line: Line): void {
    if (line.datagramMids) this.#addDatagramSlots(line.datagramMids);
    else if (line.ssrcs) this.#addRtpSlot(line, line.ssrcs);
    const ssrc = line.media.ssrcs[0];
    const isVoice = line.negotiated.kind === 'audio' && !line.datagramMids && ssrc !== undefined;
    if (isVoice) this.voice = createVoice(line, ssrc);
    line.track.onPacket((bytes) => {
      if (isRtcp(bytes)) this.#handleRtcp(bytes);
      else if (line.datagramMids) this.connection.handleDatagram(bytes, monotonicClock.nowUs());
      else if (isVoice) this.voice?.handleRtp(bytes, monotonicClock.nowUs());
    });
  }

  #addRtpSlot({ track, negotiated }: Line, ssrcs: SendSsrcs): void {
    const { leg } = this.connection;
    const mediaType = negotiated.kind;
    const outlet = new RtpOutlet({ mediaType, track, negotiated, ssrcs, leg });
    this.#rtpSlots.push(this.#addSlot({ mediaType, mid: negotiated.mid, outlet }));
    if (negotiated.hasRoundTripReports) this.#reporter ??= outlet;
  }

  #addDatagramSlots(mids: readonly string[]): void {
    const { leg, datagramLine } = this.connection;
    if (!datagramLine) return;
    mids.forEach((mid, place) => {
      const outlet = new DatagramOutlet(datagramLine, place, leg);
      this.#datagramSlots.push(this.#addSlot({ mediaType: 'video', mid, outlet }));
    });
  }

  #addSlot(options: Pick<SlotOptions, 'mediaType' | 'mid' | 'outlet'>): Slot {
    const { leg } = this.connection;
    const slot = new Slot({
      ...options,
      leg,
      onSwitched: (switched, source, timestampOffset) => {
        const { streamId, mediaType } = source.options;
        this.#options.onSwitched(switched, source);
        if (mediaType !== 'video') return;
        const report = encodeReport({
          ...{ kind: 'slot', mid: switched.mid, streamId },
          timestampOffset: timestampOffset >>> 0,
          ...(this.hasMessages ? {} : { connectionId: this.connectionId }),
        });
        this.#slotReports.set(switched.mid, report);
        this.#unsent.add(switched.mid);
        this.#sendSlotReports();
      },
    });
    this.slots.set(slot.mid, slot);
    return slot;
  }

  /** RTCP of the receiver, on whichever m-line the native library put it. */
  #handleRtcp(bytes: Buffer): void {
    const nowUs = monotonicClock.nowUs();
    if (this.#duplicates.isRepeated(bytes, nowUs)) return;
    for (const packet of parseRtcp(bytes)) {
      if (packet.type === 'transportFeedback') this.downlink?.handleFeedback(packet, nowUs);
      if (packet.type === 'extendedReport') this.#reporter?.answerReference(packet);
      for (const slot of this.#rtpSlots) slot.handleRtcp(packet, nowUs);
    }
  }

  /** RTCP of a datagram player about the slots inside its line; anybody may have written it. */
  #handleFeedback(bytes: Uint8Array): void {
    const nowUs = monotonicClock.nowUs();
    if (!this.#feedbackGate.lets(bytes, nowUs)) return;
    for (const packet of parseRtcp(bytes)) {
      for (const slot of this.#datagramSlots) slot.handleRtcp(packet, nowUs);
    }
  }
}

function createVoice(line: Line, ssrc: number): Source {
  const { extensions, payloadType } = line.negotiated;
  return new Source({
    streamId: 0,
    mediaType: 'audio',
    ssrc,
    payloadType,
    rtxPayloadType: 0,
    extensionIds: { ...extensions, absCaptureTime: extensions.absoluteCaptureTime },
    sendRtcp: (packet) => line.track.send(packet),
  });
}
