import { canonicalHeaderBytes } from './canonical-layout.ts';
import { rtpTimestamp } from './ntp-time.ts';
import type { PacketBuilder } from './packet-builder.ts';

/** RTP clock rate of Opus, always (RFC 7587 §4.1). */
export const opusClockRate = 48_000;

/** One Opus packet as one RTP packet (RFC 7587 §4.2), its timestamp being the capture time at 48 kHz. */
export function packetizeOpus(
  opus: Uint8Array,
  captureTimeUs: number,
  builder: PacketBuilder,
): Buffer {
  const timestamp = rtpTimestamp(captureTimeUs, opusClockRate);
  const packet = builder.build(opus.length, false, timestamp, captureTimeUs);
  packet.set(opus, canonicalHeaderBytes);
  return packet;
}
