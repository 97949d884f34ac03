import type { StatsEntry } from '@longreach/telemetry';
import type { PlayerSource } from '../player/player.ts';
import { addVideoSlot, resetDelay } from './offer-media.ts';
import type { VideoInput, VideoInputHandlers } from './video-input.ts';

type Slot = { transceiver: RTCRtpTransceiver; stream: MediaStream };

/** The browser's own receivers: one video m-line for each slot. */
export class RtpInput implements VideoInput {
  readonly datagram = undefined;
  readonly #peer: RTCPeerConnection;
  readonly #lowLatency: boolean;
  readonly #handlers: VideoInputHandlers;
  readonly #slots: Slot[] = [];

  constructor(peer: RTCPeerConnection, lowLatency: boolean, handlers: VideoInputHandlers) {
    this.#peer = peer;
    this.#lowLatency = lowLatency;
    this.#handlers = handlers;
  }

  get slots(): number {
    return this.#slots.length;
  }

  addSlot(): void {
    const slot = this.#slots.length;
    const transceiver = addVideoSlot(this.#peer, this.#lowLatency);
    const { track } = transceiver.receiver;
    track.addEventListener('unmute', () => this.#handlers.onArrived(slot), { once: true });
    // A stream of its own for each track: nothing is held back to be in step with something else.
    this.#slots.push({ transceiver, stream: new MediaStream([track]) });
  }

  midOf(slot: number): string | undefined {
    return this.#slots[slot]?.transceiver.mid ?? undefined;
  }

  sourceOf(slot: number): PlayerSource | undefined {
    const stream = this.#slots[slot]?.stream;
    return stream && { kind: 'rtp', stream };
  }

  takeDecoderFacts(): undefined {
    return undefined;
  }

  async completeStats(entries: StatsEntry[]): Promise<StatsEntry[]> {
    return entries;
  }

  handleAnswered(): void {}

  resetDelay(slot: number): void {
    const transceiver = this.#slots[slot]?.transceiver;
    if (transceiver && this.#lowLatency) resetDelay(transceiver);
  }

  close(): void {}
}
