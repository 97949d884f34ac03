import { datagramHeaderBytes, datagramPayloadTypes } from '@longreach/protocol';
import type { PacketPurpose } from './traffic-record.ts';

/** Recent inner packets of a datagram line, to tell a repeat from the first one. */
const recentPackets = 4096;
const parityCodecs = /^(longreach-fec|flexfec-03|ulpfec|red)$/i;

/** Tells what the packets of one connection are for, by its session description and their headers. */
export class PacketPurposes {
  readonly #codecs = new Map<number, string>();
  /** Inner packets by slot and sequence number, oldest first. */
  readonly #recent = new Set<number>();

  constructor(sdp: string) {
    for (const [, payloadType, codec] of sdp.matchAll(/^a=rtpmap:(\d+) ([^/\r\n]+)\//gm)) {
      this.#codecs.set(Number(payloadType), String(codec).toLowerCase());
    }
  }

  purposeOf(packet: Buffer): PacketPurpose {
    const second = packet[1] ?? 0;
    // RFC 5761 section 4: RTCP packet types are 192 to 223.
    if (second >= 192 && second <= 223) return 'rtcp';
    const codec = this.#codecs.get(second & 0x7f) ?? '';
    if (codec === 'h264') return 'media';
    if (codec === 'rtx') return 'repeat';
    if (parityCodecs.test(codec)) return 'parity';
    return codec === 'opus' ? this.#innerPurpose(packet) : 'other';
  }

  /** Of a packet that carries another one, as `protocol/datagram.ts` says. */
  #innerPurpose(packet: Buffer): PacketPurpose {
    const at = headerBytesOf(packet);
    if (packet.length < at + datagramHeaderBytes || packet[at] !== 0x80) return 'other';
    const payloadType = (packet[at + 1] as number) & 0x7f;
    if (payloadType === datagramPayloadTypes.fec) return 'parity';
    if (payloadType !== datagramPayloadTypes.media) return 'other';
    const key = packet.readUInt32BE(at + 8) * 0x10000 + packet.readUInt16BE(at + 2);
    if (this.#recent.has(key)) return 'repeat';
    this.#recent.add(key);
    if (this.#recent.size > recentPackets) {
      for (const oldest of this.#recent) {
        this.#recent.delete(oldest);
        break;
      }
    }
    return 'media';
  }
}

/** RFC 3550 section 5.1: fixed header, contributing sources, extension. */
function headerBytesOf(packet: Buffer): number {
  const first = packet[0] ?? 0;
  const fixed = 12 + 4 * (first & 0x0f);
  if ((first & 0x10) === 0 || packet.length < fixed + 4) return fixed;
  return fixed + 4 + 4 * packet.readUInt16BE(fixed + 2);
}
