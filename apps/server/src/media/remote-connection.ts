import { encodeReport } from '@longreach/protocol';
import { isRtcp, parseRtcp } from '@longreach/rtp';
import { monotonicClock } from '../monotonic-clock.ts';
import { Connection, type ConnectionOptions, type Line } from './connection.ts';
import { Slot } from './slot.ts';
import { Source } from './source.ts';

export type RemoteConnectionOptions = Omit<ConnectionOptions, 'name'> & {
  roomId: string;
  peerId: string;
  connectionId: string;
  /** A slot begins to show another source. */
  onSwitched: (mid: string, source: Source) => void;
};

/** A remote device's connection: one slot per m-line that receives, and its microphone as a source. */
export class RemoteConnection {
  readonly peerId: string;
  readonly slots = new Map<string, Slot>();
  /** The microphone, when the connection has a sending audio m-line. */
  voice: Source | undefined;
  readonly connection: Connection;
  /** What each slot shows, as the receiver must know it; sent again and again, since a report may be lost. */
  readonly #slotReports = new Map<string, Uint8Array>();
  readonly #unsent = new Set<string>();

  constructor(options: RemoteConnectionOptions) {
    this.peerId = options.peerId;
    this.connection = new Connection({
      ...options,
      name: `${options.roomId}/${options.peerId}/${options.connectionId}`,
    });
    for (const line of this.connection.lines) this.#addLine(line, options.onSwitched);
  }

  get answer(): string {
    return this.connection.answer;
  }

  /** Once a second: clock and counters of every slot, and what it shows. */
  report(nowUs: number, wallTimeUs: number): void {
    for (const slot of this.slots.values()) slot.report(nowUs, wallTimeUs);
    for (const mid of this.#slotReports.keys()) this.#unsent.add(mid);
  }

  /** Does what is due: key frames that switches wait for, slot reports as soon as the channel takes them. */
  tick(nowUs: number): void {
    for (const slot of this.slots.values()) slot.tick(nowUs);
    this.#sendSlotReports();
  }

  #sendSlotReports(): void {
    for (const mid of this.#unsent) {
      const report = this.#slotReports.get(mid);
      if (!report || this.connection.send('report', report)) this.#unsent.delete(mid);
    }
  }

  close(): void {
    for (const slot of this.slots.values()) slot.show(undefined, monotonicClock.nowUs());
    this.connection.close();
  }

  #addLine(line: Line, onSwitched: RemoteConnectionOptions['onSwitched']): void {
    const slot = line.ssrcs ? this.#addSlot(line, onSwitched) : undefined;
    const ssrc = line.media.ssrcs[0];
    const voice = line.negotiated.kind === 'audio' && ssrc !== undefined;
    if (voice) this.voice = createVoice(line, ssrc);
    line.track.onPacket((bytes) => {
      const nowUs = monotonicClock.nowUs();
      if (!isRtcp(bytes)) this.voice?.handleRtp(bytes, nowUs);
      else if (slot) for (const packet of parseRtcp(bytes)) slot.handleRtcp(packet, nowUs);
    });
  }

  #addSlot(line: Line, onSwitched: RemoteConnectionOptions['onSwitched']): Slot | undefined {
    if (!line.ssrcs) return undefined;
    const slot = new Slot({
      mediaType: line.negotiated.kind,
      track: line.track,
      negotiated: line.negotiated,
      ssrcs: line.ssrcs,
      transportSequence: this.connection.transportSequence,
      onSwitched: (switched, source, timestampOffset) => {
        const { streamId, mediaType } = source.options;
        onSwitched(switched.mid, source);
        if (mediaType !== 'video') return;
        const report = { kind: 'slot', mid: switched.mid, streamId } as const;
        const offset = timestampOffset >>> 0;
        this.#slotReports.set(switched.mid, encodeReport({ ...report, timestampOffset: offset }));
        this.#unsent.add(switched.mid);
        this.#sendSlotReports();
      },
    });
    this.slots.set(slot.mid, slot);
    return slot;
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
