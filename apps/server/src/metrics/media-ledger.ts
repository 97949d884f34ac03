import { addDelays, type DelayCounts, noDelays } from '../media/delay-histogram.ts';
import { addCounters, noCounters } from '../media/room-counters.ts';
import type { RoomCounters } from '../media/worker-channel.ts';
import type { MediaWorkersEvents } from '../media/workers-port.ts';
import type { RoomLabels } from './room-labels.ts';

/** What one place for a worker process summed up, over all processes that were there. */
export type WorkerTotals = { cpuUs: number; eventLoopDelay: DelayCounts };

type Report = MediaWorkersEvents['statsReported'];
type Totals = WorkerTotals & { forwardDelay: DelayCounts };
/** The sums of processes that ended, and the last word of the one that runs. */
type Place = { ended: Totals; newest: Pick<Report, 'rooms' | 'load'> | undefined };

/**
 * The media workers' counters as sums that never fall, whatever closes or dies. What a worker counted after its last
 * word, at most a second's worth, is lost with it.
 */
export class MediaLedger {
  /** Workers that ended without being told to. */
  restarts = 0;
  readonly #labels: RoomLabels;
  readonly #places = new Map<number, Place>();
  /** By label, of rooms and workers that are gone. */
  readonly #closed = new Map<string, RoomCounters>();

  constructor(labels: RoomLabels) {
    this.#labels = labels;
  }

  /** A worker's word, which stands for all it said before. */
  handleStats({ worker, rooms, closedRooms, load }: Report): void {
    for (const room of closedRooms) this.#add(this.#closed, room);
    this.#place(worker).newest = { rooms, load };
  }

  /** A worker process ended. */
  handleWorkerEnded({ worker }: MediaWorkersEvents['workerEnded']): void {
    this.restarts += 1;
    const place = this.#place(worker);
    for (const room of place.newest?.rooms ?? []) this.#add(this.#closed, room);
    place.ended = totalsOf(place);
    place.newest = undefined;
  }

  /** By room label. */
  rooms(): Map<string, RoomCounters> {
    const sums = new Map([...this.#closed].map(([label, sum]) => [label, structuredClone(sum)]));
    for (const { newest } of this.#places.values()) {
      for (const room of newest?.rooms ?? []) this.#add(sums, room);
    }
    return sums;
  }

  /** By worker place. */
  workers(): Map<number, WorkerTotals> {
    return new Map([...this.#places].map(([worker, place]) => [worker, totalsOf(place)]));
  }

  /** Of all workers. */
  forwardDelay(): DelayCounts {
    const all = [...this.#places.values()].map((place) => totalsOf(place).forwardDelay);
    return all.reduce(addDelays, noDelays());
  }

  #add(sums: Map<string, RoomCounters>, room: RoomCounters & { roomId: string }): void {
    const label = this.#labels.labelOf(room.roomId);
    const sum = sums.get(label) ?? noCounters();
    addCounters(sum, room);
    sums.set(label, sum);
  }

  #place(worker: number): Place {
    const present = this.#places.get(worker);
    if (present) return present;
    const ended = { cpuUs: 0, eventLoopDelay: noDelays(), forwardDelay: noDelays() };
    const place: Place = { ended, newest: undefined };
    this.#places.set(worker, place);
    return place;
  }
}

function totalsOf({ ended, newest }: Place): Totals {
  if (!newest) return ended;
  const { cpuUs, eventLoopDelay, forwardDelay } = newest.load;
  return {
    cpuUs: ended.cpuUs + cpuUs,
    eventLoopDelay: addDelays(ended.eventLoopDelay, eventLoopDelay),
    forwardDelay: addDelays(ended.forwardDelay, forwardDelay),
  };
}
