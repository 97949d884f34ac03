import { readU16 } from './big-endian.ts';
import { parseExtendedReport } from './rtcp-extended.ts';
import { parsePayloadFeedback, parseTransportFeedback } from './rtcp-feedback.ts';
import type { RtcpPacket } from './rtcp-packet.ts';
import { parseReceiverReport, parseSenderReport } from './rtcp-reports.ts';

/** Parts of one compound packet that are read; the rest is skipped. */
const maxPackets = 64;

/**
 * Reads a compound or reduced-size RTCP packet (RFC 3550 §6.1, RFC 5506). Unknown types are skipped; at
 * the first broken length reading ends and what came before is given. Never throws; work is bounded by the size.
 */
export function parseRtcp(bytes: Uint8Array): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && packets.length < maxPackets) {
    const first = bytes[at] as number;
    const next = at + 4 + 4 * readU16(bytes, at + 2);
    if (first >>> 6 !== 2 || next > bytes.length) break;
    let end = next;
    if ((first & 0x20) !== 0) {
      const padding = bytes[next - 1] as number;
      if (padding === 0 || next - padding < at + 4) break;
      end = next - padding;
    }
    const packet = parseOne(bytes, at, end);
    if (packet !== undefined) packets.push(packet);
    at = next;
  }
  return packets;
}

function parseOne(bytes: Uint8Array, at: number, end: number): RtcpPacket | undefined {
  const count = (bytes[at] as number) & 0x1f;
  switch (bytes[at + 1]) {
    case 200:
      return parseSenderReport(bytes, count, at, end);
    case 201:
      return parseReceiverReport(bytes, count, at, end);
    case 205:
      return parseTransportFeedback(bytes, count, at, end);
    case 206:
      return parsePayloadFeedback(bytes, count, at, end);
    case 207:
      return parseExtendedReport(bytes, at, end);
    default:
      return undefined;
  }
}
