/** What a link is like from `timeMs` on. */
export type TraceLine = {
  timeMs: number;
  /** Rate of IP packets, kbit/s; 0 = a gap in which the queue waits. */
  rateKbps: number;
  /** One way. */
  delayMs: number;
  /** 0 to 1. */
  lossShare: number;
};

/** An hour of lines a tenth of a second apart. */
const maxLines = 36_000;

/**
 * Reads a trace: per line time in ms, rate in kbit/s, delay in ms, loss in %, divided by blanks or commas; `#` begins a
 * comment. Throws a `RangeError` with the line's number.
 */
export function parseTrace(text: string): TraceLine[] {
  const lines: TraceLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const fields = (raw.split('#')[0] ?? '').split(/[\s,]+/).filter(Boolean);
    if (fields.length === 0) continue;
    const fail = (what: string): never => {
      throw new RangeError(`line ${index + 1} of the trace ${what}`);
    };
    const [timeMs = -1, rateKbps = -1, delayMs = -1, lossPercent = -1] = fields.map(Number);
    const isValid = timeMs >= 0 && rateKbps >= 0 && delayMs >= 0 && lossPercent >= 0;
    if (fields.length !== 4 || !isValid || lossPercent > 100) {
      fail('is not: time ms, rate kbit/s, delay ms, loss %');
    }
    const before = lines.at(-1)?.timeMs;
    if (before === undefined && timeMs !== 0) fail('does not begin at 0 ms');
    if (before !== undefined && timeMs <= before) fail('is not later than the one before');
    if (lines.length >= maxLines) fail(`is one more than ${maxLines}`);
    lines.push({ timeMs, rateKbps, delayMs, lossShare: lossPercent / 100 });
  }
  if (lines.length === 0) throw new RangeError('the trace has no line');
  return lines;
}

/** The lines as text, the comment before them. */
export function encodeTrace(lines: readonly TraceLine[], comment: string): string {
  const rows = lines.map(({ timeMs, rateKbps, delayMs, lossShare }) =>
    [timeMs, rateKbps, delayMs, Number((lossShare * 100).toFixed(4))].join(' '),
  );
  return [...comment.split('\n').map((line) => `# ${line}`), ...rows, ''].join('\n');
}

/** Time after which a trace begins again, ms: its last line holds as long as the one before. */
export function traceLengthMs(lines: readonly TraceLine[]): number {
  const last = lines.at(-1)?.timeMs ?? 0;
  return last + (last - (lines.at(-2)?.timeMs ?? last - 1000));
}
