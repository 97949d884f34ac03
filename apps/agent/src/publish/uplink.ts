import { TransportSequence, writeTransportSequence } from '@longreach/rtp';
import { machineClock } from '../local/machine-clock.ts';

/** What a packet is sent for. */
export const packetPurposes = ['media', 'audio', 'parity', 'repeat', 'probe'] as const;
export type PacketPurpose = (typeof packetPurposes)[number];

/** Bytes sent so far by purpose, headers of every layer included. */
export type SentBytes = Record<PacketPurpose, number>;

/** What packets leave by; false when one could not. */
export type PacketWay = { send(packet: Uint8Array): boolean };
/** The way of what no connection carries. */
export const closedWay: PacketWay = { send: () => false };

/** Hears of every packet that leaves: its transport-wide sequence and its bytes. */
export type SentListener = (transportSequence: number, bytes: number, nowUs: number) => void;

/** What each packet costs beside its own bytes: SRTP tag 10, UDP 8, IP 20. */
export const outerBytes = 38;

/** The one way out of a publication: numbers every packet transport-wide, counts it and tells the congestion control. */
export class Uplink {
  readonly #sequence = new TransportSequence();
  readonly #onSent: SentListener;
  readonly #bytes: SentBytes = { media: 0, audio: 0, parity: 0, repeat: 0, probe: 0 };
  readonly #taken: SentBytes = { ...this.#bytes };

  constructor(onSent: SentListener) {
    this.#onSent = onSent;
  }

  /** Bytes sent so far. */
  get bytes(): Readonly<SentBytes> {
    return this.#bytes;
  }

  /** Bytes sent since the last call. */
  takeBytes(): SentBytes {
    const taken = { ...this.#bytes };
    for (const purpose of packetPurposes) taken[purpose] -= this.#taken[purpose];
    Object.assign(this.#taken, this.#bytes);
    return taken;
  }

  /** Sends one canonical RTP packet, which gets its transport-wide sequence here. */
  send(way: PacketWay, packet: Uint8Array, purpose: PacketPurpose): void {
    const sequence = this.#sequence.take();
    writeTransportSequence(packet, sequence);
    if (!way.send(packet)) return;
    const bytes = packet.length + outerBytes;
    this.#bytes[purpose] += bytes;
    this.#onSent(sequence, bytes, machineClock.nowUs());
  }
}
