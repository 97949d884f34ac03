/** Seconds from the NTP epoch (1900) to the Unix epoch. */
const ntpEpochSeconds = 2_208_988_800;
/** NTP seconds are 32 bits; in 2036 they begin again at 0 (RFC 5905 section 6). */
const ntpEraUs = 2 ** 32 * 1_000_000;

/** Wall clock since the NTP epoch, µs: for sender reports and the round trips that they yield, nothing else. */
export function ntpNowUs(): number {
  const unixUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
  return (unixUs + ntpEpochSeconds * 1_000_000) % ntpEraUs;
}
