/** 64-bit NTP times (UQ32.32 seconds) of µs clocks, and the round trips that RTCP reports yield. */
import { readU32, writeU32 } from './big-endian.ts';

const twoTo32 = 2 ** 32;

/** A 64-bit NTP time: seconds and 2⁻³² seconds, each 32 bits. */
export type NtpTime = { seconds: number; fraction: number };

/** The NTP form of `timeUs` (µs, ≥ 0) in the same clock: no epoch is added, so it is only comparable within that clock. */
export function ntpFromUs(timeUs: number): NtpTime {
  return { seconds: ntpSeconds(timeUs), fraction: ntpFraction(timeUs) };
}

/** The µs of an NTP time, to the nearest; inverse of `ntpFromUs` for whole µs below 2³² seconds. */
export function usFromNtp(ntp: NtpTime): number {
  return ntp.seconds * 1_000_000 + Math.round((ntp.fraction * 1_000_000) / twoTo32);
}

/** Writes the NTP form of `timeUs` into 8 bytes, without allocating. */
export function writeNtp(bytes: Uint8Array, at: number, timeUs: number): void {
  writeU32(bytes, at, ntpSeconds(timeUs));
  writeU32(bytes, at + 4, ntpFraction(timeUs));
}

/** Reads 8 bytes of NTP time as µs. */
export function readNtpUs(bytes: Uint8Array, at: number): number {
  return usFromNtp({ seconds: readU32(bytes, at), fraction: readU32(bytes, at + 4) });
}

/** The middle 32 bits of the NTP time, units of 1/65,536 s: what the LSR field holds (RFC 3550 §6.4.1). */
export function compactNtp(ntp: NtpTime): number {
  return (((ntp.seconds & 0xffff) << 16) | (ntp.fraction >>> 16)) >>> 0;
}

/** A duration in µs in units of 1/65,536 s, as the DLSR field holds it; saturates at 32 bits. */
export function compactDelay(delayUs: number): number {
  return Math.min(0xffffffff, Math.round((Math.max(0, delayUs) * 65_536) / 1_000_000));
}

/**
 * Round trip in µs from a report that echoes our time (RFC 3550 §6.4.1):
 * now − last − delay. Undefined when nothing was echoed yet; a slightly negative result (rounding) is 0.
 */
export function roundTripUs(nowUs: number, last: number, delay: number): number | undefined {
  if (last === 0) return undefined;
  const units = (compactNtp(ntpFromUs(nowUs)) - last - delay) | 0;
  return Math.max(0, Math.round((units * 1_000_000) / 65_536));
}

/** RTP timestamp of `timeUs`: floor(timeUs × clockRate / 10⁶) mod 2³², exact for any uptime. */
export function rtpTimestamp(timeUs: number, clockRate: number): number {
  const seconds = Math.floor(timeUs / 1_000_000);
  const ticks = seconds * clockRate + Math.floor(((timeUs % 1_000_000) * clockRate) / 1_000_000);
  return ticks % twoTo32;
}

function ntpSeconds(timeUs: number): number {
  return Math.floor(timeUs / 1_000_000) % twoTo32;
}

function ntpFraction(timeUs: number): number {
  return Math.round(((Math.floor(timeUs) % 1_000_000) * twoTo32) / 1_000_000);
}
