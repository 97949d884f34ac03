/** Extended reports (RFC 3611): what a party that only receives needs to learn its round trip. */
import { readU16, readU32, writeU16, writeU32 } from './big-endian.ts';
import type { NtpTime } from './ntp-time.ts';
import {
  type ExtendedReport,
  type ReferenceEcho,
  type RtcpPacket,
  writeRtcpHeader,
} from './rtcp-packet.ts';

const referenceTimeBlock = 4;
const echoBlock = 5;
const echoBytes = 12;
/** Echoes in one report, in reading and in writing; the rest is left out. */
export const maxReferenceEchoes = 64;

/** Reads an extended report (type 207); blocks of other kinds are skipped. */
export function parseExtendedReport(
  bytes: Uint8Array,
  at: number,
  end: number,
): RtcpPacket | undefined {
  if (end - at < 8) return undefined;
  const report: ExtendedReport = {
    type: 'extendedReport',
    ssrc: readU32(bytes, at + 4),
    echoes: [],
  };
  let block = at + 8;
  while (block + 4 <= end) {
    const next = block + 4 + 4 * readU16(bytes, block + 2);
    if (next > end) break;
    if (bytes[block] === referenceTimeBlock && next - block >= 12) {
      const seconds = readU32(bytes, block + 4);
      report.referenceTime = { seconds, fraction: readU32(bytes, block + 8) };
    }
    if (bytes[block] === echoBlock) readEchoes(bytes, block + 4, next, report.echoes);
    block = next;
  }
  return report;
}

/** An extended report; more than 64 echoes are left out. */
export function buildExtendedReport(
  ssrc: number,
  content: { referenceTime?: NtpTime; echoes?: readonly ReferenceEcho[] },
): Uint8Array<ArrayBuffer> {
  const echoes = (content.echoes ?? []).slice(0, maxReferenceEchoes);
  const timeBytes = content.referenceTime === undefined ? 0 : 12;
  const bytes = new Uint8Array(
    8 + timeBytes + (echoes.length === 0 ? 0 : 4 + echoBytes * echoes.length),
  );
  writeRtcpHeader(bytes, 0, 207);
  writeU32(bytes, 4, ssrc);
  if (content.referenceTime !== undefined) {
    bytes[8] = referenceTimeBlock;
    writeU16(bytes, 10, 2);
    writeU32(bytes, 12, content.referenceTime.seconds);
    writeU32(bytes, 16, content.referenceTime.fraction);
  }
  if (echoes.length > 0) writeEchoes(bytes, 8 + timeBytes, echoes);
  return bytes;
}

function readEchoes(bytes: Uint8Array, from: number, end: number, echoes: ReferenceEcho[]): void {
  for (
    let at = from;
    at + echoBytes <= end && echoes.length < maxReferenceEchoes;
    at += echoBytes
  ) {
    echoes.push({
      ssrc: readU32(bytes, at),
      lastRr: readU32(bytes, at + 4),
      delaySinceLastRr: readU32(bytes, at + 8),
    });
  }
}

function writeEchoes(bytes: Uint8Array, at: number, echoes: readonly ReferenceEcho[]): void {
  bytes[at] = echoBlock;
  writeU16(bytes, at + 2, 3 * echoes.length);
  echoes.forEach((echo, index) => {
    const item = at + 4 + echoBytes * index;
    writeU32(bytes, item, echo.ssrc);
    writeU32(bytes, item + 4, echo.lastRr);
    writeU32(bytes, item + 8, echo.delaySinceLastRr);
  });
}
