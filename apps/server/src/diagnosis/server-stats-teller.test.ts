import { Emitter } from '@longreach/kit';
import { expect, test } from 'vitest';
import { noDelays } from '../media/delay-histogram.ts';
import { noCounters } from '../media/room-counters.ts';
import type { MediaWorkersEvents } from '../media/workers-port.ts';
import type { RoomOutput } from '../rooms/room-output.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { ServerStatsTeller } from './server-stats-teller.ts';

function setUp() {
  const workers = new Emitter<MediaWorkersEvents>();
  const told: RoomOutput[] = [];
  const room = { roomId: 'truck', memberIds: () => ['op1', 'op2'] };
  const rooms = {
    find: (roomId: string) => (roomId === 'truck' ? room : undefined),
    apply: (_room: object, outputs: RoomOutput[]) => told.push(...outputs),
  };
  const time = { nowUs: 0 };
  new ServerStatsTeller(rooms as unknown as Rooms, workers, { nowUs: () => time.nowUs });
  const report = (atS: number, pid = 7, roomId = 'truck') => {
    time.nowUs = atS * 1_000_000;
    const stats = { roomId, ...noCounters(), uplinks: [], downlinks: [], commands: [] };
    const delays = { eventLoopDelay: noDelays(), forwardDelay: noDelays() };
    const load = { pid, eventLoopDelayP99Ms: 1, cpuShare: 0.2, cpuUs: 0, ...delays };
    workers.emit('statsReported', { worker: 0, rooms: [stats], closedRooms: [], load });
    return told.splice(0).map((output) => ('to' in output ? output.to : output.type));
  };
  return { report };
}

test('every member is told once in two seconds', () => {
  const { report } = setUp();
  expect([0, 1, 2, 3, 4].map((atS) => report(atS))).toEqual([
    [],
    [],
    ['op1', 'op2'],
    [],
    ['op1', 'op2'],
  ]);
});

test('another worker process begins a period of its own, and a room that is gone is not told of', () => {
  const { report } = setUp();
  report(0);
  expect(report(2, 8)).toEqual([]);
  expect(report(4, 8)).toEqual(['op1', 'op2']);
  expect(report(6, 8, 'elsewhere')).toEqual([]);
});
