/**
 * What travels inside a datagram m-line (an Opus m-line with an encoded transform at its receiver): each payload of the
 * audio packets is one whole RTP packet of 12 bytes header without extensions. Its SSRC is the place of its slot in the
 * offer's `datagram.slots`; sequence and timestamp are the slot's own. A repeat is the same packet again. A payload whose
 * first byte is below 0x80 is a packet of messages instead (`messageWays`; layout in `packages/rtp/src/messages`): both
 * ways, and on a machine's connection, too, whose datagram m-line carries nothing else.
 */
export const datagramPayloadTypes = {
  /** One packet of H.264 (RFC 6184). */
  media: 96,
  /** Parity over the packets of one frame; layout in `packages/rtp/src/fec`. */
  fec: 98,
} as const;

/** Bytes of the header of a packet inside. */
export const datagramHeaderBytes = 12;

/** Duration of an audio packet of the way back, ms: the least that may lie between two messages. */
export const datagramReturnPacketMs = 10;

/** The virtual mid of the slot at a place of the offer's `datagram.slots`. */
export function datagramMidOf(place: number): string {
  return `d${place}`;
}
