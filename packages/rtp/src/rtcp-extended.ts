/** Extended reports for round trips of receivers that send nothing (RFC 3611 §4.4 RRTR, §4.5 DLRR). */
import { readU16, readU32, writeU16, writeU32 } from './big-endian.ts';
import type { NtpTime } from './ntp-time.ts';
import { type DlrrReport, type RtcpPacket, writeRtcpHeader } from './rtcp-packet.ts';

const referenceTimeBlock = 4;
const dlrrBlock = 5;
const dlrrReportBytes = 12;
const maxDlrrReports = 64;

/** Reads the blocks we know of an extended report (type 207) into `into`, up to `limit` packets in all. */
export function parseExtendedReport(
  bytes: Uint8Array,
  at: number,
  end: number,
  into: RtcpPacket[],
  limit: number,
): void {
  if (end - at < 8) return;
  const ssrc = readU32(bytes, at + 4);
  let blockAt = at + 8;
  while (blockAt + 4 <= end && into.length < limit) {
    const blockEnd = blockAt + 4 + 4 * readU16(bytes, blockAt + 2);
    if (blockEnd > end) return;
    const kind = bytes[blockAt];
    if (kind === referenceTimeBlock && blockEnd - blockAt >= 12) {
      const ntp = { seconds: readU32(bytes, blockAt + 4), fraction: readU32(bytes, blockAt + 8) };
      into.push({ type: 'receiverReferenceTime', ssrc, ntp });
    } else if (kind === dlrrBlock) {
      into.push({ type: 'dlrr', ssrc, reports: readDlrr(bytes, blockAt + 4, blockEnd) });
    }
    blockAt = blockEnd;
  }
}

/** The answer to receiver reference times; more than 64 are left out. */
export function buildDlrr(ssrc: number, reports: readonly DlrrReport[]): Buffer {
  const answered = reports.slice(0, maxDlrrReports);
  const bytes = Buffer.allocUnsafe(12 + dlrrReportBytes * answered.length);
  writeRtcpHeader(bytes, 0, 207);
  writeU32(bytes, 4, ssrc);
  writeU16(bytes, 8, dlrrBlock << 8);
  writeU16(bytes, 10, 3 * answered.length);
  answered.forEach((report, index) => {
    const at = 12 + dlrrReportBytes * index;
    writeU32(bytes, at, report.ssrc);
    writeU32(bytes, at + 4, report.lastRr);
    writeU32(bytes, at + 8, report.delaySinceLastRr);
  });
  return bytes;
}

/** A receiver reference time: asks senders to answer with a DLRR. */
export function buildReceiverReferenceTime(ssrc: number, ntp: NtpTime): Buffer {
  const bytes = Buffer.allocUnsafe(20);
  writeRtcpHeader(bytes, 0, 207);
  writeU32(bytes, 4, ssrc);
  writeU16(bytes, 8, referenceTimeBlock << 8);
  writeU16(bytes, 10, 2);
  writeU32(bytes, 12, ntp.seconds);
  writeU32(bytes, 16, ntp.fraction);
  return bytes;
}

function readDlrr(bytes: Uint8Array, from: number, end: number): DlrrReport[] {
  const reports: DlrrReport[] = [];
  for (let at = from; at + dlrrReportBytes <= end; at += dlrrReportBytes) {
    if (reports.length === maxDlrrReports) break;
    reports.push({
      ssrc: readU32(bytes, at),
      lastRr: readU32(bytes, at + 4),
      delaySinceLastRr: readU32(bytes, at + 8),
    });
  }
  return reports;
}
