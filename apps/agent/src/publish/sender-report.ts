import { buildSenderReport, ntpFromUs, type PacketBuilder, rtpTimestamp } from '@longreach/rtp';
import { machineClock } from '../local/machine-clock.ts';
import { ntpNowUs } from './ntp-clock.ts';

/**
 * The sender report of one sent stream (RFC 3550 section 6.4.1): wall clock and machine clock at one moment.
 * Undefined before its first packet.
 */
export function createSenderReport(
  ssrc: number,
  builder: PacketBuilder,
  clockRate: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { packets, payloadBytes } = builder;
  if (packets === 0) return undefined;
  return buildSenderReport(ssrc, {
    ntp: ntpFromUs(ntpNowUs()),
    rtpTimestamp: rtpTimestamp(machineClock.nowUs(), clockRate),
    packets,
    payloadBytes,
  });
}
