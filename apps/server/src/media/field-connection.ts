import { isRtcp } from '@longreach/rtp';
import { monotonicClock } from '../monotonic-clock.ts';
import { Connection, type ConnectionOptions, type Line } from './connection.ts';
import { FieldMedia } from './field-media.ts';
import { RtpOutlet } from './rtp-outlet.ts';
import { Slot } from './slot.ts';
import type { Source } from './source.ts';

export type FieldConnectionOptions = Omit<ConnectionOptions, 'name' | 'isFromBrowser'> & {
  roomId: string;
  connectionId: string;
  /** What the machine publishes now: this connection may carry it on. */
  present: FieldMedia | undefined;
  /** The machine uses this connection: the first packet came that is not about the clock. */
  onUsed: () => void;
};

/** A machine's connection: what carries its media and messages, and the slot with the operator's voice. */
export class FieldConnection {
  readonly media: FieldMedia;
  /** Towards the machine; only the master's microphone is shown in it. */
  voice: Slot | undefined;
  readonly connection: Connection;
  readonly #onUsed: () => void;
  #isUsed = false;
  #overUs = Number.POSITIVE_INFINITY;

  constructor(options: FieldConnectionOptions) {
    this.#onUsed = options.onUsed;
    this.connection = new Connection({
      ...options,
      onMessage: (label, bytes) => {
        this.#noteUse();
        options.onMessage(label, bytes);
      },
      isFromBrowser: false,
      name: `${options.roomId}/${options.connectionId}`,
    });
    const { lines } = this.connection;
    const { present } = options;
    this.media = present?.isSentBy(lines) ? present : new FieldMedia(lines);
    for (const line of lines) {
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

  /** The machine's media comes by this connection from here on. */
  takeOver(): void {
    this.media.answerOver(this.connection.lines);
  }

  /** Once a second: lets repairs follow the leg's round trip. */
  report(): void {
    const roundTripMs = this.connection.roundTripMs();
    if (roundTripMs !== undefined) this.media.setRoundTripUs(roundTripMs * 1000);
  }

  /** The media stays. */
  close(): void {
    this.voice?.show(undefined, monotonicClock.nowUs());
    this.connection.close();
  }

  #addMessages({ track }: Line): void {
    track.onPacket((bytes) => {
      if (!isRtcp(bytes)) this.connection.handleDatagram(bytes, monotonicClock.nowUs());
    });
  }

  #addMedia(line: Line): void {
    const { mid, kind } = line.negotiated;
    const source = this.media.sourceOf(mid);
    if (source) line.track.onPacket((bytes) => this.#handlePacket(source, bytes));
    if (kind === 'audio') this.#addVoice(line);
  }

  #addVoice({ track, negotiated, ssrcs }: Line): void {
    if (!ssrcs) return;
    const { leg } = this.connection;
    const outlet = new RtpOutlet({ mediaType: 'audio', track, negotiated, ssrcs, leg });
    const { mid } = negotiated;
    this.voice = new Slot({ mediaType: 'audio', mid, outlet, leg, onSwitched: () => {} });
  }

  #handlePacket(source: Source, bytes: Buffer): void {
    if (!isRtcp(bytes)) this.#noteUse();
    this.media.handlePacket(source, bytes);
  }

  #noteUse(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    this.#onUsed();
  }
}
