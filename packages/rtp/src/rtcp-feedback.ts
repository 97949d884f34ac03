/** Transport and payload-specific feedback (RFC 4585 §6, RFC 5104 §4.3.1). */
import { readU16, readU32, writeU16, writeU32 } from './big-endian.ts';
import { parseReceiverEstimate } from './rtcp-estimate.ts';
import { type RtcpPacket, writeRtcpHeader } from './rtcp-packet.ts';
import { parseTransportWide } from './rtcp-transport-wide.ts';
import { sequenceDistance } from './sequence-number.ts';

/** Sequences one NACK may ask for, in reading and in writing; the rest is left out. */
export const maxNackSequences = 1_024;
const maxFirEntries = 64;

/** Reads a transport-layer feedback packet (type 205): generic NACK or transport-wide feedback. */
export function parseTransportFeedback(
  bytes: Uint8Array,
  format: number,
  at: number,
  end: number,
): RtcpPacket | undefined {
  if (format === 15) return parseTransportWide(bytes, at, end);
  if (format !== 1 || end - at < 12) return undefined;
  return {
    type: 'nack',
    senderSsrc: readU32(bytes, at + 4),
    mediaSsrc: readU32(bytes, at + 8),
    sequences: readNackItems(bytes, at + 12, end),
  };
}

/** Reads a payload-specific feedback packet (type 206): PLI, FIR or REMB. */
export function parsePayloadFeedback(
  bytes: Uint8Array,
  format: number,
  at: number,
  end: number,
): RtcpPacket | undefined {
  if (end - at < 12) return undefined;
  const senderSsrc = readU32(bytes, at + 4);
  if (format === 1) return { type: 'pli', senderSsrc, mediaSsrc: readU32(bytes, at + 8) };
  if (format === 15) return parseReceiverEstimate(bytes, at, end);
  if (format !== 4) return undefined;
  const entries: { ssrc: number; sequence: number }[] = [];
  for (let item = at + 12; item + 8 <= end && entries.length < maxFirEntries; item += 8) {
    entries.push({ ssrc: readU32(bytes, item), sequence: bytes[item + 4] as number });
  }
  return { type: 'fir', senderSsrc, entries };
}

/** A generic NACK (RFC 4585 §6.2.1). The sequences should ascend; at most 1,024 are asked for. */
export function buildNack(
  senderSsrc: number,
  mediaSsrc: number,
  sequences: readonly number[],
): Uint8Array<ArrayBuffer> {
  const items = packNackItems(sequences.slice(0, maxNackSequences));
  const bytes = new Uint8Array(12 + 4 * items.length);
  writeRtcpHeader(bytes, 1, 205);
  writeU32(bytes, 4, senderSsrc);
  writeU32(bytes, 8, mediaSsrc);
  items.forEach((item, index) => {
    writeU32(bytes, 12 + 4 * index, item);
  });
  return bytes;
}

/** A picture loss indication (RFC 4585 §6.3.1): asks for a key frame. */
export function buildPli(senderSsrc: number, mediaSsrc: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12);
  writeRtcpHeader(bytes, 1, 206);
  writeU32(bytes, 4, senderSsrc);
  writeU32(bytes, 8, mediaSsrc);
  return bytes;
}

/** Each item: a lost sequence (PID) and a bit for each of the 16 that follow it (BLP). */
function readNackItems(bytes: Uint8Array, from: number, end: number): number[] {
  const sequences: number[] = [];
  for (let at = from; at + 4 <= end; at += 4) {
    const pid = readU16(bytes, at);
    const blp = readU16(bytes, at + 2);
    sequences.push(pid);
    for (let bit = 0; bit < 16; bit++) {
      if ((blp & (1 << bit)) !== 0) sequences.push((pid + bit + 1) & 0xffff);
    }
    if (sequences.length >= maxNackSequences) return sequences.slice(0, maxNackSequences);
  }
  return sequences;
}

function packNackItems(sequences: readonly number[]): number[] {
  const items: number[] = [];
  let pid = -1;
  let blp = 0;
  for (const sequence of sequences) {
    const distance = pid < 0 ? 0 : sequenceDistance(pid, sequence);
    if (pid >= 0 && distance === 0) continue;
    if (distance >= 1 && distance <= 16) {
      blp |= 1 << (distance - 1);
      continue;
    }
    if (pid >= 0) items.push(((pid << 16) | blp) >>> 0);
    pid = sequence & 0xffff;
    blp = 0;
  }
  if (pid >= 0) items.push(((pid << 16) | blp) >>> 0);
  return items;
}

/** Writes a FIR (RFC 5104 §4.3.1) for one stream; `sequence` (8 bits) is a new one for each new wish. */
export function buildFir(
  senderSsrc: number,
  mediaSsrc: number,
  sequence: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(20);
  writeRtcpHeader(bytes, 4, 206);
  writeU32(bytes, 4, senderSsrc);
  writeU32(bytes, 12, mediaSsrc);
  writeU16(bytes, 16, (sequence & 0xff) << 8);
  return bytes;
}
