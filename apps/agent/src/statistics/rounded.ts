/** The value with so many decimals: a report is read by people and sent over thin networks. */
export function rounded(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}

/** The figures that are there, with so many decimals. */
export function roundedAll<Figures extends Record<string, number | undefined>>(
  figures: Figures,
  decimals: number,
): Partial<Record<keyof Figures, number>> {
  const present = Object.entries(figures).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, rounded(value, decimals)]],
  );
  return Object.fromEntries(present) as Partial<Record<keyof Figures, number>>;
}
