/** What every benchmark prints: a table for people, and with `--json` one object on the last line for programs. */

/** One line of the table: what, what was seen, what is to be reached (empty = nothing set). */
export type FigureRow = { figure: string; seen: string; reach?: string };

/** Prints the table and, when asked for by `--json`, `result` as one line of JSON after it. */
export function printReport(title: string, rows: FigureRow[], result: object): void {
  const width = (key: 'figure' | 'seen') => Math.max(...rows.map((row) => row[key].length), 6);
  console.log(`\n${title}`);
  for (const row of rows) {
    const reach = row.reach ? `   (reach ${row.reach})` : '';
    console.log(
      `  ${row.figure.padEnd(width('figure'))}  ${row.seen.padStart(width('seen'))}${reach}`,
    );
  }
  if (process.argv.includes('--json')) console.log(JSON.stringify(result));
}

/** The value below which `share` (0 to 1) of the sorted samples lie; NaN for none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** A copy of the samples, ascending. */
export function ascending(samples: Iterable<number>): number[] {
  return [...samples].sort((a, b) => a - b);
}

/** Middle value of the samples; NaN for none. */
export function median(samples: Iterable<number>): number {
  return quantile(ascending(samples), 0.5);
}

/** Rounded to `digits` decimals, as a number for JSON. */
export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** The number behind `--name`, or `fallback`. */
export function numberOption(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? Number.NaN : Number(process.argv[at + 1]);
  return Number.isFinite(value) ? value : fallback;
}

/** The text behind `--name`, if there is one. */
export function textOption(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}
