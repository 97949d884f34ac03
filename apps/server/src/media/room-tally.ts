import { RefusalCode } from '@longreach/protocol';
import type { RemoteConnection } from './remote-connection.ts';
import { noCounters } from './room-counters.ts';
import type { Source } from './source.ts';
import type { RoomCounters } from './worker-channel.ts';

const refusalNames = new Map(
  Object.entries(RefusalCode).map(([name, code]) => [code, name as keyof typeof RefusalCode]),
);

/** What a room counts; connections and sources that are gone stay in its sums. */
export class RoomTally {
  /** Of what is gone, and the commands. */
  readonly #closed = noCounters();
  #mostLost = 0;

  /** A command went on to the machine. */
  notePassed(): void {
    this.#closed.commandsPassed += 1;
  }

  /** A command was stopped here. */
  noteRefused(code: RefusalCode): void {
    this.#closed.commandsRefused += 1;
    const name = refusalNames.get(code);
    if (name !== undefined && name !== 'None') this.#closed.refusals[name] += 1;
  }

  /** A source goes. */
  closeSource(source: Source): void {
    addSource(this.#closed, source);
  }

  /** A viewer's connection goes. */
  closeViewer(viewer: RemoteConnection): void {
    addViewer(this.#closed, viewer);
  }

  /** All so far, with these sources and viewers that are open. */
  counters(sources: Iterable<Source>, viewers: Iterable<RemoteConnection>): RoomCounters {
    const counters = structuredClone(this.#closed);
    for (const source of sources) addSource(counters, source);
    for (const viewer of viewers) addViewer(counters, viewer);
    // A packet that was only late is taken back from the lost ones of its source; a sum that was told does not fall.
    this.#mostLost = Math.max(this.#mostLost, counters.uplink.lost);
    counters.uplink.lost = this.#mostLost;
    return counters;
  }
}

function addSource(counters: RoomCounters, { packetsIn, received, repairStats }: Source): void {
  const { uplink } = counters;
  counters.packetsIn += packetsIn;
  uplink.mediaBytes += received.media;
  uplink.parityBytes += received.parity;
  uplink.repeatBytes += received.repeat;
  if (!repairStats) return;
  uplink.lost += repairStats.lost;
  uplink.recovered += repairStats.recovered;
  uplink.requested += repairStats.requested;
  uplink.givenUp += repairStats.givenUp;
  uplink.duplicates += repairStats.duplicates;
}

function addViewer(counters: RoomCounters, { slots, connection }: RemoteConnection): void {
  for (const { packetsOut, packetsRepeated } of slots.values()) {
    counters.packetsOut += packetsOut;
    counters.packetsRepeated += packetsRepeated;
  }
  const { sent } = connection.leg;
  for (const purpose of Object.keys(sent) as Array<keyof typeof sent>) {
    counters.downlink[purpose] += sent[purpose];
  }
}
