/** Sender reports and receiver reports (RFC 3550 §6.4). */
import { readU32, writeU32 } from './big-endian.ts';
import {
  type ReportBlock,
  type RtcpPacket,
  type SenderInfo,
  writeRtcpHeader,
} from './rtcp-packet.ts';

const blockBytes = 24;
/** Blocks one report can hold: five bits of count. */
const maxReportBlocks = 31;

/** Reads a sender report (type 200). */
export function parseSenderReport(
  bytes: Uint8Array,
  count: number,
  at: number,
  end: number,
): RtcpPacket | undefined {
  if (end - at < 28) return undefined;
  return {
    type: 'senderReport',
    ssrc: readU32(bytes, at + 4),
    info: {
      ntp: { seconds: readU32(bytes, at + 8), fraction: readU32(bytes, at + 12) },
      rtpTimestamp: readU32(bytes, at + 16),
      packets: readU32(bytes, at + 20),
      payloadBytes: readU32(bytes, at + 24),
    },
    reports: readBlocks(bytes, count, at + 28, end),
  };
}

/** Reads a receiver report (type 201). */
export function parseReceiverReport(
  bytes: Uint8Array,
  count: number,
  at: number,
  end: number,
): RtcpPacket | undefined {
  if (end - at < 8) return undefined;
  const ssrc = readU32(bytes, at + 4);
  return { type: 'receiverReport', ssrc, reports: readBlocks(bytes, count, at + 8, end) };
}

/** A sender report, its blocks after it; more than 31 blocks are left out. */
export function buildSenderReport(
  ssrc: number,
  info: SenderInfo,
  reports: readonly ReportBlock[] = [],
): Uint8Array<ArrayBuffer> {
  const blocks = reports.slice(0, maxReportBlocks);
  const bytes = new Uint8Array(28 + blockBytes * blocks.length);
  writeRtcpHeader(bytes, blocks.length, 200);
  writeU32(bytes, 4, ssrc);
  writeU32(bytes, 8, info.ntp.seconds);
  writeU32(bytes, 12, info.ntp.fraction);
  writeU32(bytes, 16, info.rtpTimestamp);
  writeU32(bytes, 20, info.packets);
  writeU32(bytes, 24, info.payloadBytes);
  writeBlocks(bytes, 28, blocks);
  return bytes;
}

/** A receiver report; more than 31 blocks are left out. */
export function buildReceiverReport(
  ssrc: number,
  reports: readonly ReportBlock[] = [],
): Uint8Array<ArrayBuffer> {
  const blocks = reports.slice(0, maxReportBlocks);
  const bytes = new Uint8Array(8 + blockBytes * blocks.length);
  writeRtcpHeader(bytes, blocks.length, 201);
  writeU32(bytes, 4, ssrc);
  writeBlocks(bytes, 8, blocks);
  return bytes;
}

function readBlocks(bytes: Uint8Array, count: number, from: number, end: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let at = from; at + blockBytes <= end && blocks.length < count; at += blockBytes) {
    blocks.push({
      ssrc: readU32(bytes, at),
      fractionLost: bytes[at + 4] as number,
      cumulativeLost: (readU32(bytes, at + 4) << 8) >> 8,
      highestSequence: readU32(bytes, at + 8),
      jitter: readU32(bytes, at + 12),
      lastSr: readU32(bytes, at + 16),
      delaySinceLastSr: readU32(bytes, at + 20),
    });
  }
  return blocks;
}

function writeBlocks(bytes: Uint8Array, from: number, blocks: readonly ReportBlock[]): void {
  blocks.forEach((block, index) => {
    const at = from + blockBytes * index;
    const lost = Math.max(-0x800000, Math.min(0x7fffff, block.cumulativeLost));
    writeU32(bytes, at, block.ssrc);
    writeU32(bytes, at + 4, (block.fractionLost << 24) | (lost & 0xffffff));
    writeU32(bytes, at + 8, block.highestSequence);
    writeU32(bytes, at + 12, block.jitter);
    writeU32(bytes, at + 16, block.lastSr);
    writeU32(bytes, at + 20, block.delaySinceLastSr);
  });
}
