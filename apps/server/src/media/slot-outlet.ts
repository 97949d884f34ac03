import type { ParityBlock } from './parity-block.ts';
import type { SendPurpose } from './send-leg.ts';

/** Where a slot's packets go. Packets are canonical; sequence and timestamp are the slot's. */
export type SlotOutlet = {
  /** The SSRC that the receiver's feedback about this slot names. */
  readonly ssrc: number;
  /** Calls `listener` once packets can be sent; at once when they already can. */
  onOpen(listener: () => void): void;
  /** Sends a packet for the first time. Runs for every packet; false when the transport refuses it. */
  send(packet: Uint8Array, sequence: number, timestamp: number, nowUs: number): boolean;
  /** Sends a packet once more. */
  repeat(
    packet: Uint8Array,
    sequence: number,
    timestamp: number,
    purpose: SendPurpose,
    nowUs: number,
  ): boolean;
  /** Sends parity over packets that were sent from `sequence` on, as much as the leg's loss asks for. */
  protect(block: ParityBlock, sequence: number, timestamp: number, nowUs: number): void;
  /** Once a second: what the receiver must know beside the packets. */
  report(nowUs: number, wallTimeUs: number): void;
};
