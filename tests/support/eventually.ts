/** How long to look, and how often, ms. */
export type EventuallyOptions = { timeoutMs?: number; intervalMs?: number };

/**
 * Looks again and again until `look` gives something other than undefined or false, and gives that. Rejects with
 * `what`, and with what the last look threw, after `timeoutMs` (default 20 s).
 */
export async function eventually<Found>(
  what: string,
  look: () => Found | Promise<Found>,
  { timeoutMs = 20_000, intervalMs = 50 }: EventuallyOptions = {},
): Promise<Exclude<Found, undefined | false>> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const found = await look();
      if (found !== undefined && found !== false) {
        return found as Exclude<Found, undefined | false>;
      }
      cause = found;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadlineMs) throw new Error(`it never happened: ${what}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
