/** One entry of a getStats() report as a plain object; members are read with a check of their type. */
export type StatsEntry = { id: string; type: string; [member: string]: unknown };

/** One getStats() report as a list, with the time at which it was taken (ms, monotonic). */
export type StatsSnapshot = { takenMs: number; entries: readonly StatsEntry[] };

/** The selected candidate pair: the transport's word first, else one that is nominated and works. */
export function selectedPair(entries: readonly StatsEntry[]): StatsEntry | undefined {
  const transport = entries.find((entry) => entry.type === 'transport');
  const pairs = entries.filter((entry) => entry.type === 'candidate-pair');
  return (
    pairs.find((pair) => pair.id === transport?.selectedCandidatePairId) ??
    pairs.find((pair) => pair.selected === true) ??
    pairs.find((pair) => pair.nominated === true && pair.state === 'succeeded')
  );
}

/** The inbound RTP entry of one slot. */
export function inboundOf(entries: readonly StatsEntry[], mid: string): StatsEntry | undefined {
  return entries.find((entry) => entry.type === 'inbound-rtp' && entry.mid === mid);
}

/** A member that is a finite number. */
export function numberOf(entry: StatsEntry | undefined, member: string): number | undefined {
  const value = entry?.[member];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A member that is a text. */
export function textOf(entry: StatsEntry | undefined, member: string): string | undefined {
  const value = entry?.[member];
  return typeof value === 'string' ? value : undefined;
}
