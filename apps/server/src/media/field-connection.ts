import { isRtcp, parseRtcp } from '@longreach/rtp';
import { monotonicClock } from '../monotonic-clock.ts';
import { Connection, type ConnectionOptions, type Line } from './connection.ts';
import { Slot } from './slot.ts';
import { Source } from './source.ts';

export type FieldConnectionOptions = Omit<ConnectionOptions, 'name'> & {
  roomId: string;
  connectionId: string;
};

/** A machine's connection: its tracks as sources, its data channels, and the slot that carries the operator's voice. */
export class FieldConnection {
  readonly sources: Source[] = [];
  /** Towards the machine; only the master's microphone is shown in it. */
  voice: Slot | undefined;
  readonly connection: Connection;

  constructor(options: FieldConnectionOptions) {
    this.connection = new Connection({
      ...options,
      name: `${options.roomId}/${options.connectionId}`,
    });
    for (const line of this.connection.lines) {
      this.#addSource(line);
      if (line.ssrcs && line.negotiated.kind === 'audio') this.#addVoice(line);
    }
  }

  get answer(): string {
    return this.connection.answer;
  }

  tick(nowUs: number): void {
    for (const source of this.sources) source.tick(nowUs);
  }

  /** Once a second: lets repairs follow the leg's round trip. */
  report(): void {
    const roundTripMs = this.connection.roundTripMs();
    if (roundTripMs === undefined) return;
    for (const source of this.sources) source.setRoundTripUs(roundTripMs * 1000);
  }

  close(): void {
    this.voice?.show(undefined, monotonicClock.nowUs());
    this.connection.close();
  }

  #addSource(line: Line): void {
    const ssrc = line.media.ssrcs[0];
    if (!line.request || ssrc === undefined) return;
    const { extensions, payloadType, rtxPayloadType } = line.negotiated;
    const source = new Source({
      streamId: line.request.streamId,
      mediaType: line.request.mediaType,
      ssrc,
      payloadType,
      rtxPayloadType,
      extensionIds: { ...extensions, absCaptureTime: extensions.absoluteCaptureTime },
      sendRtcp: (packet) => line.track.send(packet),
    });
    this.sources.push(source);
    line.track.onPacket((bytes) => this.#handlePacket(source, bytes));
  }

  #addVoice(line: Line): void {
    if (!line.ssrcs) return;
    this.voice = new Slot({
      mediaType: 'audio',
      track: line.track,
      negotiated: line.negotiated,
      ssrcs: line.ssrcs,
      transportSequence: this.connection.transportSequence,
      onSwitched: () => {},
    });
  }

  #handlePacket(source: Source, bytes: Buffer): void {
    const nowUs = monotonicClock.nowUs();
    if (!isRtcp(bytes)) {
      source.handleRtp(bytes, nowUs);
      return;
    }
    for (const packet of parseRtcp(bytes)) {
      if (packet.type === 'senderReport' && packet.ssrc === source.options.ssrc) {
        source.handleSenderReport(packet.info.ntp, nowUs);
      }
    }
  }
}
