import { datagramMidOf } from '@longreach/protocol';
import type { StatsEntry } from '@longreach/telemetry';
import type { MessagePathHandlers } from '../media/message-path.ts';
import type {
  DatagramOffer,
  DecoderFacts,
  VideoInput,
  VideoInputHandlers,
} from '../media/video-input.ts';
import { every, type PageClock } from '../page/page-clock.ts';
import type { PlayerSource } from '../player/player.ts';
import type { SlotCounters, WorkerMessage } from './datagram-messages.ts';
import { DatagramPath } from './datagram-path.ts';
import { createSoundTrack } from './datagram-support.ts';
import type { DatagramThread, ThreadLine } from './datagram-thread.ts';

export type DatagramInputOptions = VideoInputHandlers & {
  clock: PageClock;
  /** The session's, where pictures are made. */
  thread: DatagramThread;
  lowLatency: boolean;
  /** What the messages inside the m-line lead to. */
  messages: MessagePathHandlers;
};

/** Buffering of players that shall be smooth rather than quick, ms: about a browser's own. */
const smoothDelayMs = 50;
/** Period of the counters, which also show that the worker lives, ms: known before its silence looks like a lost path. */
const askMs = 200;
/** Questions that may stay unanswered. Counted, not timed: a page that stood still blames nobody. */
const maxUnanswered = 5;
const codecId = 'datagram-codec';
const rtpEntries: ReadonlySet<string> = new Set(['inbound-rtp', 'outbound-rtp']);

/**
 * One audio m-line whose packets go to the session's worker, which makes the pictures of all slots of them. The
 * page's part: statistics, and watching over the worker.
 */
export class DatagramInput implements VideoInput {
  /** The messages inside the m-line. */
  readonly path: DatagramPath;
  readonly #options: DatagramInputOptions;
  readonly #line: ThreadLine;
  /** Nobody hears it: its packets carry messages. */
  readonly #sound: ReturnType<typeof createSoundTrack>;
  readonly #transceiver: RTCRtpTransceiver;
  readonly #streams: MediaStream[] = [];
  readonly #stopAsking: () => void;
  #unanswered = 0;
  #counters: Array<SlotCounters | undefined> = [];
  readonly #decoders = new Map<number, DecoderFacts>();
  #awaiting: Array<() => void> = [];
  #closed = false;

  /** Throws what the browser throws. */
  constructor(peer: RTCPeerConnection, options: DatagramInputOptions) {
    this.#options = options;
    this.path = new DatagramPath(options.messages, (label, bytes) =>
      this.#line.tell({ type: 'message', label, bytes }),
    );
    this.#line = options.thread.open({
      onMessage: (message) => this.#handle(message),
      onBroken: (reason) => this.#fail(reason),
    });
    this.#sound = createSoundTrack();
    this.#transceiver = peer.addTransceiver(this.#sound, { direction: 'sendrecv' });
    const codecs = RTCRtpReceiver.getCapabilities('audio')?.codecs ?? [];
    this.#transceiver.setCodecPreferences(
      codecs.filter(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus'),
    );
    this.#transceiver.receiver.transform = this.#line.transform('receive');
    this.#transceiver.sender.transform = this.#line.transform('send');
    const { writable: sound } = this.#sound;
    this.#line.tell({ type: 'returnSound', sound }, [sound]);
    this.#stopAsking = every(options.clock, askMs, () => this.#ask());
  }

  get slots(): number {
    return this.#streams.length;
  }

  addSlot(): void {
    const minDelayMs = this.#options.lowLatency ? 0 : smoothDelayMs;
    const place = this.#streams.length;
    this.#streams.push(this.#line.screen(place));
    this.#line.tell({ type: 'slot', place, minDelayMs });
  }

  midOf(slot: number): string | undefined {
    return slot < this.#streams.length ? datagramMidOf(slot) : undefined;
  }

  sourceOf(slot: number): PlayerSource | undefined {
    const stream = this.#streams[slot];
    return stream && { kind: 'datagram', stream };
  }

  get datagram(): DatagramOffer | undefined {
    const { mid } = this.#transceiver;
    if (mid === null) return undefined;
    return { mid, slots: this.#streams.map((_stream, place) => datagramMidOf(place)) };
  }

  handleAnswered(): void {
    const { currentDirection } = this.#transceiver;
    if (currentDirection !== 'sendrecv') {
      this.#fail('the server sends no datagrams');
      return;
    }
    this.#line.tell({ type: 'returnOpened' });
    this.path.handleAnswered();
  }

  /** The player's own buffer comes back by itself. */
  resetDelay(): void {}

  takeDecoderFacts(place: number): DecoderFacts | undefined {
    const facts = this.#decoders.get(place);
    this.#decoders.delete(place);
    return facts;
  }

  async completeStats(entries: StatsEntry[]): Promise<StatsEntry[]> {
    if (!this.#closed) {
      const answered = new Promise<void>((resolve) => this.#awaiting.push(resolve));
      this.#ask();
      await answered;
    }
    const { mid } = this.#transceiver;
    // The m-line is of audio in name only.
    const others = entries.filter((entry) => !rtpEntries.has(entry.type) || entry.mid !== mid);
    const codec = { id: codecId, type: 'codec', mimeType: 'video/H264' };
    return [...others, codec, ...this.#counters.flatMap(entryOf)];
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.path.handleState('closed');
    this.#stopAsking();
    this.#line.close();
    this.#sound.stop();
    this.#answerAll();
  }

  #ask(): void {
    if (this.#closed) return;
    if (this.#unanswered >= maxUnanswered) {
      this.#fail('the worker does not answer');
      return;
    }
    this.#unanswered++;
    this.#line.tell({ type: 'askCounters' });
  }

  #handle(message: WorkerMessage): void {
    switch (message.type) {
      case 'message':
        this.path.handleMessage(message.label, message.bytes);
        break;
      case 'waiting':
        this.path.handleWaiting(message.bytes);
        break;
      case 'pictureArrived':
        this.#options.onArrived(message.place);
        break;
      case 'counters':
        this.#unanswered = 0;
        this.#counters = message.slots;
        this.#noteDecoders(message.waiting, message.longestStallMs);
        this.path.isLossy = message.isLossy;
        this.#answerAll();
        break;
      case 'failed':
        this.#fail(message.reason);
    }
  }

  /** Until they are taken, the worst of all words of the worker. */
  #noteDecoders(waiting: ReadonlyArray<number | undefined>, longestStallMs: number): void {
    waiting.forEach((count, place) => {
      if (count === undefined) return;
      const before = this.#decoders.get(place) ?? { waitingPictures: 0, longestStallMs: 0 };
      this.#decoders.set(place, {
        waitingPictures: Math.max(before.waitingPictures, count),
        longestStallMs: Math.max(before.longestStallMs, longestStallMs),
      });
    });
  }

  #answerAll(): void {
    for (const resolve of this.#awaiting.splice(0)) resolve();
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#options.onFailed(reason);
  }
}

function entryOf(counters: SlotCounters | undefined, place: number): StatsEntry[] {
  if (!counters) return [];
  const id = `datagram-${place}`;
  const names = { kind: 'video', mid: datagramMidOf(place), decoderImplementation: 'WebCodecs' };
  return [{ ...counters, ...names, id, type: 'inbound-rtp', codecId }];
}
