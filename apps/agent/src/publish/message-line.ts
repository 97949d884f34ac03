import { randomInt } from 'node:crypto';
import { type MessageLabel, messageWays } from '@longreach/protocol';
import {
  isRtcp,
  MessageLink,
  maxMessagePacketBytes,
  payloadEnd,
  payloadOffset,
} from '@longreach/rtp';
import type { MediaTrack } from '@longreach/webrtc-node';
import { machineClock } from '../local/machine-clock.ts';
import { type MessagesLine, payloadTypes } from './track-lines.ts';

const headerBytes = 12;
/** What a packet of sound would take at 48 kHz, 20 ms. */
const timestampStep = 960;
/** Looks so often for what is due, ms. */
const tickMs = 5;

/** The messages of one connection: RTP packets of their own m-line, each one packet of messages. */
export class MessageLine {
  readonly #track: MediaTrack;
  readonly #link: MessageLink<MessageLabel>;
  /** `track.send` copies: one buffer serves every packet. */
  readonly #scratch = Buffer.alloc(headerBytes + maxMessagePacketBytes);
  readonly #timer: NodeJS.Timeout;
  #sequence = randomInt(0x10000);
  #timestamp = randomInt(0x1_0000_0000);

  constructor(
    { ssrc }: MessagesLine,
    track: MediaTrack,
    onMessage: (label: MessageLabel, bytes: Uint8Array) => void,
  ) {
    this.#track = track;
    this.#scratch[0] = 0x80;
    this.#scratch[1] = payloadTypes.opus;
    this.#scratch.writeUInt32BE(ssrc, 8);
    const sendPacket = (packet: Uint8Array) => this.#sendPacket(packet);
    this.#link = new MessageLink<MessageLabel>({ ways: messageWays, sendPacket, onMessage });
    track.onPacket((packet) => {
      if (!isRtcp(packet)) this.#handlePacket(packet);
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Sends a message; false when it cannot leave now. */
  send(label: MessageLabel, bytes: Uint8Array): boolean {
    return this.#link.send(label, bytes, machineClock.nowUs());
  }

  get isLossy(): boolean {
    return this.#link.isLossy;
  }

  /** Undefined while unknown. */
  get roundTripMs(): number | undefined {
    const { roundTripUs } = this.#link;
    return roundTripUs === undefined ? undefined : roundTripUs / 1000;
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  #handlePacket(packet: Buffer): void {
    const payload = packet.subarray(payloadOffset(packet), payloadEnd(packet));
    this.#link.handlePacket(payload, machineClock.nowUs());
  }

  #tick(): void {
    const nowUs = machineClock.nowUs();
    if (this.#link.nextDeadlineUs <= nowUs) this.#link.tick(nowUs);
  }

  #sendPacket(packet: Uint8Array): boolean {
    const scratch = this.#scratch;
    scratch.writeUInt16BE(this.#sequence, 2);
    scratch.writeUInt32BE(this.#timestamp, 4);
    scratch.set(packet, headerBytes);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + timestampStep) >>> 0;
    return this.#track.send(scratch.subarray(0, headerBytes + packet.length));
  }
}
