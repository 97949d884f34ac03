import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noDelays } from '../media/delay-histogram.ts';
import { noCounters } from '../media/room-counters.ts';
import type { ClosedRoom, RoomStats, WorkerLoad } from '../media/worker-channel.ts';
import { MediaLedger } from './media-ledger.ts';
import { otherRooms, RoomLabels } from './room-labels.ts';

function roomOf(roomId: string, packetsOut: number): RoomStats {
  return { roomId, ...noCounters(), packetsOut, uplinks: [], downlinks: [], commands: [] };
}

function closedOf(roomId: string, packetsOut: number): ClosedRoom {
  return { roomId, ...noCounters(), packetsOut };
}

function loadOf(amount: number): WorkerLoad {
  const delays = { counts: noDelays().counts.map(() => amount), sumUs: amount };
  return {
    ...{ pid: 1, eventLoopDelayP99Ms: 0, cpuShare: 0, cpuUs: amount },
    ...{ eventLoopDelay: delays, forwardDelay: delays },
  };
}

function outOf(ledger: MediaLedger, label: string): number | undefined {
  return ledger.rooms().get(label)?.packetsOut;
}

const none: ClosedRoom[] = [];

describe('room labels', () => {
  it('the first rooms keep a name of their own, all later ones share one', () => {
    const labels = new RoomLabels(2);
    expect(['a', 'b', 'c', 'a', 'd', 'b'].map((room) => labels.labelOf(room))).toEqual([
      ...['a', 'b', otherRooms],
      ...['a', otherRooms, 'b'],
    ]);
  });
});

describe('media ledger', () => {
  it('a worker that dies leaves what it counted, and its successor adds to it', () => {
    const ledger = new MediaLedger(new RoomLabels(10));
    const rooms = [roomOf('a', 70)];
    ledger.handleStats({ worker: 0, rooms, closedRooms: none, load: loadOf(5) });
    ledger.handleWorkerEnded({ worker: 0 });
    expect(outOf(ledger, 'a')).toBe(70);
    const again = [roomOf('a', 8)];
    ledger.handleStats({ worker: 0, rooms: again, closedRooms: none, load: loadOf(2) });
    expect(outOf(ledger, 'a')).toBe(78);
    expect(ledger.restarts).toBe(1);
    expect(ledger.workers().get(0)?.cpuUs).toBe(7);
    expect(ledger.forwardDelay()).toMatchObject({ sumUs: 7 });
  });

  it("a closed room's last word counts once, also when the room opens again at the same time", () => {
    const ledger = new MediaLedger(new RoomLabels(10));
    const load = loadOf(1);
    ledger.handleStats({ worker: 0, rooms: [roomOf('a', 70)], closedRooms: none, load });
    const closedRooms = [closedOf('a', 75)];
    ledger.handleStats({ worker: 0, rooms: [roomOf('a', 3)], closedRooms, load });
    expect(outOf(ledger, 'a')).toBe(78);
    ledger.handleStats({ worker: 0, rooms: [roomOf('a', 4)], closedRooms: none, load });
    expect(outOf(ledger, 'a')).toBe(79);
  });

  it('rooms beyond the limit are summed up, over all workers', () => {
    const ledger = new MediaLedger(new RoomLabels(1));
    const load = loadOf(1);
    const rooms = [roomOf('a', 1), roomOf('b', 20)];
    ledger.handleStats({ worker: 0, rooms, closedRooms: none, load });
    ledger.handleStats({ worker: 1, rooms: [roomOf('c', 300)], closedRooms: none, load });
    expect([...ledger.rooms().keys()]).toEqual(['a', otherRooms]);
    expect(outOf(ledger, otherRooms)).toBe(320);
  });

  it('no sum ever falls, and none has more than was counted, whatever rooms and workers do', () => {
    const step = fc.record({
      worker: fc.integer({ min: 0, max: 1 }),
      act: fc.constantFrom('count', 'report', 'close', 'die'),
      room: fc.constantFrom('a', 'b', 'c'),
      amount: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = new MediaLedger(new RoomLabels(2));
        const workers = [0, 1].map(() => ({
          open: new Map<string, number>(),
          closed: [] as ClosedRoom[],
        }));
        let counted = 0;
        let before = new Map<string, number>();
        const report = (worker: number) => {
          const state = workers[worker] as (typeof workers)[number];
          const rooms = [...state.open].map(([room, packets]) => roomOf(room, packets));
          const closedRooms = state.closed;
          state.closed = [];
          ledger.handleStats({ worker, rooms, closedRooms, load: loadOf(1) });
        };
        for (const { worker, act, room, amount } of steps) {
          const state = workers[worker] as (typeof workers)[number];
          const packets = state.open.get(room);
          if (act === 'count') {
            state.open.set(room, (packets ?? 0) + amount);
            counted += amount;
          } else if (act === 'report') report(worker);
          else if (act === 'close' && packets !== undefined) {
            state.closed.push(closedOf(room, packets));
            state.open.delete(room);
          } else if (act === 'die') {
            ledger.handleWorkerEnded({ worker });
            state.open.clear();
            state.closed = [];
          }
          const now = new Map(
            [...ledger.rooms()].map(([label, { packetsOut }]) => [label, packetsOut]),
          );
          for (const [label, sum] of before) expect(now.get(label)).toBeGreaterThanOrEqual(sum);
          const all = [...now.values()].reduce((sum, packets) => sum + packets, 0);
          expect(all).toBeLessThanOrEqual(counted);
          before = now;
        }
        if (steps.some(({ act }) => act === 'die')) return;
        report(0);
        report(1);
        const all = [...ledger.rooms().values()].reduce((sum, room) => sum + room.packetsOut, 0);
        expect(all).toBe(counted);
      }),
    );
  });
});
