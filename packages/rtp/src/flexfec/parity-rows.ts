/** Which parity packets cover which packets of a block, for a receiver that solves one unknown at a time. */

/** Most parity packets for one block. */
export const maxParityRows = 24;

/**
 * For each of `sources` packets the set of parity packets (bit r = parity r) that cover it.
 *
 * Lone losses: each packet is in two parities, no two packets in the same two as far as possible, so that two
 * losses are always told apart and the loss of a parity leaves another one. Few parities: only the later half
 * is in two, which leaves short rows to begin with. Bursts: neighbours are in different parities (interleaving),
 * so that a burst as long as there are parities is repaired whole.
 */
export function parityRowsOf(sources: number, parities: number, bursts: boolean): number[] {
  const rows: number[] = [];
  for (let i = 0; i < sources; i++) rows.push(rowsOf(i, parities, bursts));
  return rows;
}

function rowsOf(i: number, parities: number, bursts: boolean): number {
  const first = i % parities;
  const turn = Math.floor(i / parities);
  const isSingle = parities < 2 || (parities < pairedFrom && (bursts || turn === 0));
  if (isSingle) return 1 << first;
  const distance = 1 + ((parities < pairedFrom ? turn - 1 : turn) % (parities - 1));
  return (1 << first) | (1 << ((first + distance) % parities));
}

/** From so many parities on every packet is in two: fewer would make rows too long to be of use. */
const pairedFrom = 4;
