import type { DataChannelLabel, Slot as SlotRequest } from '@longreach/protocol';
import { isRtcp, parseRtcp } from '@longreach/rtp';
import type { PeerState } from '@longreach/webrtc-node';
import { Connection, type Line } from './connection.ts';
import { Slot } from './slot.ts';
import { Source } from './source.ts';
import type { WorkerOptions } from './worker-channel.ts';
import { workerNowUs } from './worker-clock.ts';

export type FieldConnectionOptions = {
  roomId: string;
  connectionId: string;
  worker: WorkerOptions;
  sdp: string;
  slots: SlotRequest[];
  onState: (state: PeerState) => void;
  onMessage: (label: DataChannelLabel, bytes: Buffer) => void;
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
    this.voice?.show(undefined, workerNowUs());
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
    const nowUs = workerNowUs();
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
