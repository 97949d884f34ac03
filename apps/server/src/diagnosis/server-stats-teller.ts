import type { Clock } from '@longreach/kit';
import { type DeviceId, serverStatsPeriodMs } from '@longreach/protocol';
import type { MediaWorkers, MediaWorkersEvents } from '../media/workers-port.ts';
import type { NoticeOutput } from '../rooms/room-output.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { type RoomWord, serverStatsFor } from './server-stats.ts';

/** A worker speaks once a second; a word that comes somewhat early still ends a period. */
const periodUs = serverStatsPeriodMs * 1000 * 0.75;

/** Tells every member of a room what the server knows of its own part, once a period. */
export class ServerStatsTeller {
  readonly #rooms: Rooms;
  readonly #clock: Clock;
  /** What was told of each room last; a room without members is not told of. */
  readonly #told = new Map<string, RoomWord>();

  constructor(rooms: Rooms, workers: Pick<MediaWorkers, 'on'>, clock: Clock) {
    this.#rooms = rooms;
    this.#clock = clock;
    workers.on('statsReported', (report) => this.#handleStats(report));
  }

  #handleStats({ rooms, closedRooms, load }: MediaWorkersEvents['statsReported']): void {
    for (const { roomId } of closedRooms) this.#told.delete(roomId);
    const atUs = this.#clock.nowUs();
    for (const stats of rooms) this.#tell({ stats, load, atUs });
  }

  #tell(word: RoomWord): void {
    const { roomId } = word.stats;
    const room = this.#rooms.find(roomId as DeviceId);
    if (!room) {
      this.#told.delete(roomId);
      return;
    }
    const before = this.#told.get(roomId);
    // Another worker counts anew.
    const isSame = before?.load.pid === word.load.pid;
    if (isSame && word.atUs - before.atUs < periodUs) return;
    this.#told.set(roomId, word);
    if (!isSame) return;
    const notices = room.memberIds().map((to): NoticeOutput => {
      const body = { deviceId: room.roomId, stats: serverStatsFor(to, before, word) };
      return { type: 'notify', to, event: 'serverStats', body };
    });
    this.#rooms.apply(room, notices);
  }
}
