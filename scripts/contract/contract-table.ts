import type { Entry } from './contract.ts';
import type { Proof } from './proofs.ts';

/** What the command found about every name. */
export type ContractFigures = {
  proven: number;
  of: number;
  missing: string[];
  /** Waits for something that is not here yet. */
  later: string[];
};

type Proven = ReadonlyMap<string, readonly Proof[]>;

/** Counts names: those that wait for something else are neither proven nor missing. */
export function countEntries(entries: readonly Entry[], proven: Proven): ContractFigures {
  const due = entries.filter(({ later }) => later === undefined);
  const missing = due.filter(({ name }) => !proven.has(name)).map(({ name }) => name);
  return {
    proven: due.length - missing.length,
    of: due.length,
    missing,
    later: entries.filter(({ later }) => later !== undefined).map(({ name }) => name),
  };
}

/** The table: one part for each type, a line for each name that is `shown` with its type, unit and proof. */
export function renderTable(
  all: readonly Entry[],
  proven: Proven,
  shown: (entry: Entry) => boolean = () => true,
): string[] {
  const entries = all.filter(shown);
  const lines = entries.map((entry) => cellsOf(entry, proven.get(entry.name)));
  const head = ['name', 'type', 'unit', 'proof'] as const;
  const widths = [0, 1, 2].map((column) =>
    Math.min(44, Math.max(...[head, ...lines].map((cells) => (cells[column] ?? '').length))),
  );
  const render = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(' | ')
      .trimEnd();
  const rows = [render(head)];
  entries.forEach((entry, index) => {
    if (entry.group !== entries[index - 1]?.group) rows.push('', headingOf(all, entry, proven));
    rows.push(render(lines[index] ?? []));
  });
  return rows;
}

function headingOf(entries: readonly Entry[], { group }: Entry, proven: Proven): string {
  const figures = countEntries(
    entries.filter((entry) => entry.group === group),
    proven,
  );
  return `${group}: ${figures.proven} of ${figures.of} proven`;
}

function cellsOf(entry: Entry, proofs: readonly Proof[] = []): string[] {
  return [entry.name, short(entry.type), entry.unit, proofOf(entry, proofs)];
}

function proofOf({ later }: Entry, [first, ...others]: readonly Proof[]): string {
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const proof = first && `${first.file} > ${first.test}${more}`;
  if (later !== undefined) return `later: ${later}${proof ? `; ${proof}` : ''}`;
  return proof ?? 'MISSING';
}

function short(type: string): string {
  return type.length > 44 ? `${type.slice(0, 43)}…` : type;
}
