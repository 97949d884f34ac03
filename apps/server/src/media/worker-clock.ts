/** The media worker's monotonic clock, µs: the clock domain that everybody else measures an offset to. */
export function workerNowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + nanoseconds / 1000;
}
