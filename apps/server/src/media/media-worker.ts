import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';
import { monotonicClock } from '../monotonic-clock.ts';
import { delayQuantileUs, delaysSince, noDelays } from './delay-histogram.ts';
import { forwardDelays } from './forward-delays.ts';
import { LoadMeter, processCpuUs } from './load-meter.ts';
import { MediaRoom } from './media-room.ts';
import type {
  ClosedRoom,
  FromWorker,
  ToWorker,
  WorkerLoad,
  WorkerOptions,
} from './worker-channel.ts';

/** How often repairs, key frame requests and reports fall due, ms. */
const tickMs = 10;
/** How often counters go to the control process, ms. */
const statsMs = 1000;

/** All rooms of one worker process, driven by the control process's messages. */
export class MediaWorker {
  readonly #options: WorkerOptions;
  readonly #post: (message: FromWorker) => void;
  readonly #rooms = new Map<string, MediaRoom>();
  readonly #timers: NodeJS.Timeout[];
  readonly #load = new LoadMeter({
    periodUs: tickMs * 1_000,
    cpuUs: processCpuUs(),
    nowUs: monotonicClock.nowUs(),
  });
  #forwarded = noDelays();
  /** Whose last counters have not gone out yet. */
  #closedRooms: ClosedRoom[] = [];

  constructor(options: WorkerOptions, post: (message: FromWorker) => void) {
    this.#options = options;
    this.#post = post;
    this.#timers = [
      setInterval(() => this.#tick(), tickMs),
      setInterval(() => this.#postStats(), statsMs),
    ];
  }

  /** Carries out one message; a message with `id` is answered exactly once. */
  handle(message: ToWorker): void {
    switch (message.type) {
      case 'start':
        break;
      case 'offer':
        this.#reply(message.id, () => this.#room(message.roomId).offer(message));
        break;
      case 'subscribe':
        this.#reply(message.id, () => this.#room(message.roomId).subscribe(message));
        break;
      case 'unsubscribe':
        this.#reply(message.id, () => this.#room(message.roomId).unsubscribe(message));
        break;
      case 'closeConnection':
        this.#rooms.get(message.roomId)?.closeConnection(message);
        break;
      case 'closePeer':
        this.#rooms.get(message.roomId)?.closePeer(message.peerId);
        break;
      case 'closeRoom':
        this.#closeRoom(message.roomId);
        break;
      case 'lease':
        this.#room(message.roomId).updateLease(message.lease);
        break;
    }
  }

  /** Closes every room; idempotent. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const roomId of [...this.#rooms.keys()]) this.#closeRoom(roomId);
  }

  #room(roomId: string): MediaRoom {
    const present = this.#rooms.get(roomId);
    if (present) return present;
    const room = new MediaRoom(roomId, this.#options, this.#post);
    this.#rooms.set(roomId, room);
    return room;
  }

  #closeRoom(roomId: string): void {
    const room = this.#rooms.get(roomId);
    if (!room) return;
    room.close();
    this.#rooms.delete(roomId);
    this.#closedRooms.push({ roomId, ...room.counters() });
  }

  #reply(id: number, act: () => { sdp: string } | undefined): void {
    try {
      const body = act();
      this.#post({ type: 'reply', id, code: NetworkErrorCode.Success, message: 'ok', ...body });
    } catch (error) {
      const known = error instanceof LongreachError;
      this.#post({
        type: 'reply',
        id,
        code: known ? (error.code as NetworkErrorCode) : NetworkErrorCode.MediaServerException,
        message: error instanceof Error ? error.message : 'unknown failure',
      });
    }
  }

  #tick(): void {
    const nowUs = monotonicClock.nowUs();
    this.#load.handleTick(nowUs);
    for (const room of this.#rooms.values()) room.tick(nowUs);
  }

  #postStats(): void {
    const rooms = [...this.#rooms.values()].map((room) => room.stats());
    const closedRooms = this.#closedRooms;
    this.#closedRooms = [];
    this.#post({ type: 'stats', rooms, closedRooms, load: this.#takeLoad() });
  }

  #takeLoad(): WorkerLoad {
    const load = this.#load.take(processCpuUs(), monotonicClock.nowUs());
    const forwardDelay = forwardDelays.counts();
    const p99Us = delayQuantileUs(delaysSince(this.#forwarded, forwardDelay), 0.99);
    this.#forwarded = forwardDelay;
    const forwardDelayP99Ms = p99Us === undefined ? undefined : p99Us / 1_000;
    return {
      ...{ pid: process.pid, ...load, forwardDelay },
      ...(forwardDelayP99Ms === undefined ? {} : { forwardDelayP99Ms }),
    };
  }
}
