import { RefusalCode } from '@longreach/protocol';
import type { RefusalName, RoomCounters } from './worker-channel.ts';

/** Every reason to refuse a command. */
export const refusalNames = Object.keys(RefusalCode).filter(
  (name): name is RefusalName => name !== 'None',
);

/** Counters of a room that has seen nothing. */
export function noCounters(): RoomCounters {
  const refusals = Object.fromEntries(refusalNames.map((name) => [name, 0]));
  return {
    ...{ packetsIn: 0, packetsOut: 0, packetsRepeated: 0, commandsPassed: 0, commandsRefused: 0 },
    refusals: refusals as RoomCounters['refusals'],
    uplink: {
      ...{ lost: 0, recovered: 0, requested: 0, givenUp: 0, duplicates: 0 },
      ...{ mediaBytes: 0, parityBytes: 0, repeatBytes: 0 },
    },
    downlink: { media: 0, audio: 0, parity: 0, repeat: 0, probe: 0, message: 0 },
  };
}

/** Adds every figure of `more`; what else it has stays out. */
export function addCounters(sum: RoomCounters, more: RoomCounters): void {
  addNumbers(sum, more);
  addNumbers(sum.refusals, more.refusals);
  addNumbers(sum.uplink, more.uplink);
  addNumbers(sum.downlink, more.downlink);
}

function addNumbers<Sum extends object>(sum: Sum, more: Sum): void {
  for (const name of Object.keys(sum) as Array<keyof Sum>) {
    const [before, added] = [sum[name], more[name]];
    if (typeof before !== 'number' || typeof added !== 'number') continue;
    sum[name] = (before + added) as Sum[keyof Sum];
  }
}
