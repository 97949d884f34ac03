import { randomInt } from 'node:crypto';
import { datagramHeaderBytes, datagramPayloadTypes } from '@longreach/protocol';
import { canonicalHeaderBytes } from '@longreach/rtp';
import type { MediaTrack } from '@longreach/webrtc-node';
import { monotonicClock } from '../monotonic-clock.ts';
import type { NegotiatedMedia, SendSsrcs } from './answer-lines.ts';
import { PacedSender } from './paced-sender.ts';
import type { SendLeg, SendPurpose } from './send-leg.ts';

/** Header of an outer packet: RTP, and an extension block with the transport-wide sequence only. */
const plainHeaderBytes = 12;
const extensionBlockBytes = 8;
/** Opus frames of 20 ms at 48 kHz: what a receiver of audio expects between two packets. */
const timestampStep = 960;
/** Largest packet inside, bytes; larger ones would not fit the path. */
const maxInnerBytes = 1_400;

export type DatagramLineOptions = {
  track: MediaTrack;
  negotiated: NegotiatedMedia;
  ssrcs: SendSsrcs;
  leg: SendLeg;
};

/** One parity packet as a slot sends it. */
export type ParityPacket = {
  /** The FEC payload; its announced rows and base sequence are written anew. */
  payload: Uint8Array;
  announced: number;
  baseSequence: number;
  sequence: number;
  timestamp: number;
};

/** `sinceUs`: when it arrived. */
type Waiting = { inner: Uint8Array; purpose: SendPurpose; sinceUs: number };

/** An audio m-line whose packets carry whole RTP packets of a slot each, paced, or messages. */
export class DatagramLine {
  readonly #track: MediaTrack;
  readonly #leg: SendLeg;
  readonly #headerBytes: number;
  readonly #hasExtension: boolean;
  /** `track.send` copies: one buffer serves every packet; of the outer header only counters change. */
  readonly #scratch: Buffer;
  readonly #pacer: PacedSender<Waiting>;
  #sequence = randomInt(0x10000);
  #timestamp = randomInt(0x1_0000_0000);

  constructor({ track, negotiated, ssrcs, leg }: DatagramLineOptions) {
    this.#track = track;
    this.#leg = leg;
    const extensionId = negotiated.extensions.transportSequence;
    this.#hasExtension = extensionId !== 0;
    this.#headerBytes = plainHeaderBytes + (this.#hasExtension ? extensionBlockBytes : 0);
    this.#scratch = Buffer.alloc(this.#headerBytes + maxInnerBytes);
    this.#scratch[0] = this.#hasExtension ? 0x90 : 0x80;
    this.#scratch[1] = negotiated.payloadType;
    this.#scratch.writeUInt32BE(ssrcs.primary, 8);
    if (this.#hasExtension) {
      // One-byte form (RFC 8285 section 4.2): one word, one element of two bytes, one byte of padding.
      this.#scratch.writeUInt32BE(0xbede0001, 12);
      this.#scratch[16] = (extensionId << 4) | 1;
    }
    this.#pacer = new PacedSender(
      (waiting, nowUs) => this.#sendWaiting(waiting, nowUs),
      () => monotonicClock.nowUs(),
      () => leg.paceBps,
    );
  }

  onOpen(listener: () => void): void {
    this.#track.onOpen(listener);
  }

  /** Sends a canonical packet's payload as a packet of the slot `ssrc`. Runs for every packet. */
  sendMedia(
    packet: Uint8Array,
    ssrc: number,
    sequence: number,
    timestamp: number,
    purpose: SendPurpose,
    nowUs: number,
  ): boolean {
    const bytes = packet.length - canonicalHeaderBytes + datagramHeaderBytes;
    if (bytes > maxInnerBytes) return false;
    const typeByte = ((packet[1] as number) & 0x80) | datagramPayloadTypes.media;
    this.#writeInnerHeader(typeByte, ssrc, sequence, timestamp);
    const payload = packet.subarray(canonicalHeaderBytes);
    this.#scratch.set(payload, this.#headerBytes + datagramHeaderBytes);
    return this.#sendOrWait(bytes, purpose, nowUs);
  }

  /** Sends one parity packet of the slot `ssrc`. */
  sendParity(parity: ParityPacket, ssrc: number, nowUs: number): boolean {
    const bytes = parity.payload.length + datagramHeaderBytes;
    if (bytes > maxInnerBytes) return false;
    this.#writeInnerHeader(datagramPayloadTypes.fec, ssrc, parity.sequence, parity.timestamp);
    const at = this.#headerBytes + datagramHeaderBytes;
    this.#scratch.set(parity.payload, at);
    this.#scratch[at + 2] = parity.announced;
    this.#scratch.writeUInt16BE(parity.baseSequence, at + 4);
    return this.#sendOrWait(bytes, 'parity', nowUs);
  }

  /** Sends a packet of messages, past everything that waits. */
  sendMessage(packet: Uint8Array, nowUs: number): boolean {
    if (packet.length > maxInnerBytes) return false;
    this.#scratch.set(packet, this.#headerBytes);
    return this.#sendScratch(packet.length, 'message', nowUs);
  }

  /** Forgets what waits; idempotent. */
  close(): void {
    this.#pacer.close();
  }

  #writeInnerHeader(typeByte: number, ssrc: number, sequence: number, timestamp: number): void {
    const scratch = this.#scratch;
    const at = this.#headerBytes;
    scratch[at] = 0x80;
    scratch[at + 1] = typeByte;
    scratch.writeUInt16BE(sequence, at + 2);
    scratch.writeUInt32BE(timestamp, at + 4);
    scratch.writeUInt32BE(ssrc, at + 8);
  }

  /** The inner packet stands in the scratch buffer. */
  #sendOrWait(innerBytes: number, purpose: SendPurpose, nowUs: number): boolean {
    const isUrgent = purpose === 'media' || purpose === 'repeat';
    if (this.#pacer.mayPass(isUrgent, nowUs)) {
      const isSent = this.#sendScratch(innerBytes, purpose, nowUs);
      if (isSent && purpose === 'media') this.#leg.noteForwarded(nowUs);
      return isSent;
    }
    const from = this.#headerBytes;
    const inner = Uint8Array.prototype.slice.call(this.#scratch, from, from + innerBytes);
    return this.#pacer.wait({ inner, purpose, sinceUs: nowUs }, isUrgent);
  }

  #sendWaiting({ inner, purpose, sinceUs }: Waiting, nowUs: number): void {
    this.#scratch.set(inner, this.#headerBytes);
    const isSent = this.#sendScratch(inner.length, purpose, nowUs);
    if (isSent && purpose === 'media') this.#leg.noteForwarded(sinceUs);
  }

  #sendScratch(innerBytes: number, purpose: SendPurpose, nowUs: number): boolean {
    const scratch = this.#scratch;
    const bytes = this.#headerBytes + innerBytes;
    const transportSequence = this.#leg.take(purpose, bytes, nowUs);
    scratch.writeUInt16BE(this.#sequence, 2);
    scratch.writeUInt32BE(this.#timestamp, 4);
    if (this.#hasExtension) scratch.writeUInt16BE(transportSequence, 17);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + timestampStep) >>> 0;
    return this.#track.send(scratch.subarray(0, bytes));
  }
}
