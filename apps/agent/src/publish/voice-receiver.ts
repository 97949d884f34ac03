import { isRtp, payloadEnd, payloadOffset, readSequence, sequenceDistance } from '@longreach/rtp';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { machineClock } from '../local/machine-clock.ts';

/** Largest Opus packet: 120 ms in three frames (RFC 6716 section 3.2), bytes. */
const maxOpusBytes = 3828;

/** Turns the operator's voice packets into Opus frames; late and repeated ones are dropped. */
export class VoiceReceiver {
  readonly #streamId: number;
  #newest: number | undefined;

  constructor(streamId: number) {
    this.#streamId = streamId;
  }

  /** The frame inside a packet, or undefined. Its `data` is a view of the packet. */
  handlePacket(packet: Buffer): EncodedFrame | undefined {
    if (!isRtp(packet)) return undefined;
    const sequence = readSequence(packet);
    const distance = this.#newest === undefined ? 1 : sequenceDistance(this.#newest, sequence);
    // Far behind means that another sender began (the master changed): start over with it.
    if (distance <= 0 && distance > -1000) return undefined;
    this.#newest = sequence;
    const data = packet.subarray(payloadOffset(packet), payloadEnd(packet));
    if (data.length === 0 || data.length > maxOpusBytes) return undefined;
    const nowUs = machineClock.nowUs();
    return {
      streamId: this.#streamId,
      mediaType: 'audio',
      key: true,
      captureTimeUs: nowUs,
      encodedTimeUs: nowUs,
      data,
    };
  }
}
