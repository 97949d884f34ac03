import { sequenceDistance } from '@longreach/rtp/receive';
import type { SlotCounters } from './datagram-messages.ts';

/** Around each packet inside: its own header, and header and extension of the packet that carries it, bytes. */
const headerBytes = 12 + 20;
/** RFC 3550 §6.4.1: gain of the jitter estimate. */
const jitterGain = 1 / 16;

/** Way of one picture, µs. */
export type PictureTimes = {
  firstUs: number;
  decodeUs: number;
  decodedUs: number;
  shownUs: number;
  targetDelayUs: number;
};

/**
 * Counts what `inbound-rtp` counts, for one slot of the datagram player. Loss is the network's: what a repeat or
 * parity brought back was lost all the same, as in the browser's own receiver. Pure. Rules D2 to D4.
 */
export class SlotStatistics {
  /** By 16-bit sequence: a repeat of it was asked for. */
  readonly #asked = new Uint8Array(65_536);
  #bytes = 0;
  #packets = 0;
  #received = 0;
  #expected = 0;
  #newestSequence: number | undefined;
  #jitterTicks = 0;
  #lastTransit: { timestamp: number; ticks: number } | undefined;
  #nacks = 0;
  #plis = 0;
  #frames = { received: 0, decoded: 0, keyDecoded: 0 };
  #sumsUs = { decode: 0, processing: 0, buffer: 0, target: 0 };
  #shown = 0;
  #size = { width: 0, height: 0 };

  /** Any packet, with the bytes of its payload. */
  handleBytes(payloadBytes: number): void {
    this.#packets++;
    this.#bytes += payloadBytes;
  }

  /** A media packet that is no duplicate. */
  handleMedia(sequence: number, timestamp: number, nowUs: number): void {
    const ahead =
      this.#newestSequence === undefined ? 1 : sequenceDistance(this.#newestSequence, sequence);
    const wasAsked = ahead <= 0 && this.#asked[sequence] === 1;
    this.#asked[sequence] = 0;
    if (wasAsked) return;
    this.#received++;
    if (ahead > 0) {
      this.#expected += ahead;
      this.#newestSequence = sequence;
    }
    this.#noteJitter(timestamp, nowUs);
  }

  /** A request for these left. */
  handleNack(sequences: readonly number[]): void {
    this.#nacks++;
    for (const sequence of sequences) this.#asked[sequence & 0xffff] = 1;
  }

  handlePli(): void {
    this.#plis++;
  }

  handleWhole(): void {
    this.#frames.received++;
  }

  handleShown(times: PictureTimes, key: boolean, width: number, height: number): void {
    this.#frames.decoded++;
    if (key) this.#frames.keyDecoded++;
    this.#shown++;
    this.#sumsUs.decode += times.decodedUs - times.decodeUs;
    this.#sumsUs.processing += times.shownUs - times.firstUs;
    // From the first packet until the decoder has it, and the time it was held back after that.
    this.#sumsUs.buffer += times.decodeUs - times.firstUs + (times.shownUs - times.decodedUs);
    this.#sumsUs.target += times.targetDelayUs;
    this.#size = { width, height };
  }

  /** Everything so far. */
  read(): SlotCounters {
    const { width, height } = this.#size;
    return {
      bytesReceived: this.#bytes,
      headerBytesReceived: this.#packets * headerBytes,
      packetsReceived: this.#received,
      packetsLost: Math.max(0, this.#expected - this.#received),
      jitter: this.#jitterTicks / 90_000,
      nackCount: this.#nacks,
      firCount: 0,
      pliCount: this.#plis,
      framesReceived: this.#frames.received,
      framesDecoded: this.#frames.decoded,
      keyFramesDecoded: this.#frames.keyDecoded,
      totalDecodeTime: this.#sumsUs.decode / 1_000_000,
      totalProcessingDelay: this.#sumsUs.processing / 1_000_000,
      jitterBufferDelay: this.#sumsUs.buffer / 1_000_000,
      jitterBufferTargetDelay: this.#sumsUs.target / 1_000_000,
      jitterBufferEmittedCount: this.#shown,
      ...(width === 0 ? {} : { frameWidth: width, frameHeight: height }),
    };
  }

  /** RFC 3550 §6.4.1, for the first packet of each picture, as libwebrtc does. */
  #noteJitter(timestamp: number, nowUs: number): void {
    if (this.#lastTransit?.timestamp === timestamp) return;
    // Only differences count, mod 2³² like the timestamps.
    const ticks = Math.round(nowUs * 0.09) - timestamp;
    if (this.#lastTransit) {
      const change = Math.abs((ticks - this.#lastTransit.ticks) | 0);
      // A switch to another source is no jitter (libwebrtc: 5 s).
      if (change < 450_000) this.#jitterTicks += (change - this.#jitterTicks) * jitterGain;
    }
    this.#lastTransit = { timestamp, ticks };
  }
}
