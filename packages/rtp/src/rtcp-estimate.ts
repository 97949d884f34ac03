/** Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 §2.2). */
import { readU16, readU32, writeU32 } from './big-endian.ts';
import { type RtcpPacket, writeRtcpHeader } from './rtcp-packet.ts';

/** 'REMB' */
const identifier = 0x52454d42;
/** Streams one estimate can name: 8 bits of count. */
const maxSsrcs = 255;
const maxMantissa = 0x3ffff;

/** Reads an application layer feedback packet (206/15); undefined when it is not a REMB. */
export function parseReceiverEstimate(
  bytes: Uint8Array,
  at: number,
  end: number,
): RtcpPacket | undefined {
  if (end - at < 20 || readU32(bytes, at + 12) !== identifier) return undefined;
  const count = bytes[at + 16] as number;
  const scale = bytes[at + 17] as number;
  const mantissa = ((scale & 3) << 16) | readU16(bytes, at + 18);
  const ssrcs: number[] = [];
  for (let item = at + 20; item + 4 <= end && ssrcs.length < count; item += 4) {
    ssrcs.push(readU32(bytes, item));
  }
  const bitrateBps = Math.min(Number.MAX_SAFE_INTEGER, mantissa * 2 ** (scale >>> 2));
  return { type: 'remb', senderSsrc: readU32(bytes, at + 4), bitrateBps, ssrcs };
}

/** A REMB; the rate is rounded down to 18 significant bits, more than 255 streams are left out. */
export function buildReceiverEstimate(
  senderSsrc: number,
  bitrateBps: number,
  ssrcs: readonly number[],
): Uint8Array<ArrayBuffer> {
  const named = ssrcs.slice(0, maxSsrcs);
  const bytes = new Uint8Array(20 + 4 * named.length);
  let mantissa = Math.max(0, Math.floor(Math.min(bitrateBps, Number.MAX_SAFE_INTEGER)));
  let exponent = 0;
  while (mantissa > maxMantissa) {
    mantissa = Math.floor(mantissa / 2);
    exponent += 1;
  }
  writeRtcpHeader(bytes, 15, 206);
  writeU32(bytes, 4, senderSsrc);
  writeU32(bytes, 12, identifier);
  writeU32(bytes, 16, (named.length << 24) | (exponent << 18) | mantissa);
  named.forEach((ssrc, index) => {
    writeU32(bytes, 20 + 4 * index, ssrc);
  });
  return bytes;
}
