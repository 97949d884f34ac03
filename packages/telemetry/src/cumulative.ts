import { numberOf, type StatsEntry } from './stats-snapshot.ts';

/** Members of `inbound-rtp` that only grow; all of them are re-based when a slot switches. */
export const cumulativeMembers = [
  'bytesReceived',
  'headerBytesReceived',
  'packetsReceived',
  'packetsLost',
  'nackCount',
  'firCount',
  'pliCount',
  'framesReceived',
  'framesDecoded',
  'keyFramesDecoded',
  'totalDecodeTime',
  'totalProcessingDelay',
  'jitterBufferDelay',
  'jitterBufferTargetDelay',
  'jitterBufferEmittedCount',
] as const;
export type CumulativeMember = (typeof cumulativeMembers)[number];

/** Values of the growing members that a browser gave. */
export type Cumulative = Partial<Record<CumulativeMember, number>>;

/** Reads the growing members of an entry. */
export function readCumulative(entry: StatsEntry | undefined): Cumulative {
  const values: Cumulative = {};
  for (const member of cumulativeMembers) {
    const value = numberOf(entry, member);
    if (value !== undefined) values[member] = value;
  }
  return values;
}

/** What grew between two readings; a member that the earlier one lacks counts from zero. */
export function growth(earlier: Cumulative, later: Cumulative): Cumulative {
  const values: Cumulative = {};
  for (const member of cumulativeMembers) {
    const value = later[member];
    if (value !== undefined) values[member] = value - (earlier[member] ?? 0);
  }
  return values;
}

/** Member-wise sum. */
export function addCumulative(first: Cumulative, second: Cumulative): Cumulative {
  const values: Cumulative = { ...first };
  for (const member of cumulativeMembers) {
    const value = second[member];
    if (value !== undefined) values[member] = (values[member] ?? 0) + value;
  }
  return values;
}
