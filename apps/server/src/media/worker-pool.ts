import { fileURLToPath } from 'node:url';
import { Backoff, Emitter, LongreachError } from '@longreach/kit';
import { type DeviceId, NetworkErrorCode } from '@longreach/protocol';
import type { Logger } from 'pino';
import type { ServerConfig } from '../config/server-config.ts';
import { StartError, StartErrorCode } from '../start-error.ts';
import { ChildWorker, type WorkerRequest } from './child-worker.ts';
import { assertUdpPort } from './udp-port-probe.ts';
import type { FromWorker, RoomStats, WorkerOptions } from './worker-channel.ts';
import type {
  ConnectionKey,
  MediaWorkers,
  MediaWorkersEvents,
  PlacedLoad,
  RoomMessage,
} from './workers-port.ts';

/** Wait before a dead worker is started again, ms: doubles up to the maximum, and starts over after a stable run. */
const restart = { firstMs: 100, maxMs: 5_000, stableMs: 10_000 };

/** One place for a worker process: its port stays, the process may be replaced. */
type Seat = {
  readonly index: number;
  worker: ChildWorker | undefined;
  startedMs: number;
  readonly backoff: Backoff;
  timer: NodeJS.Timeout | undefined;
  readonly rooms: Set<DeviceId>;
};

/** What a pool is made of. */
export type WorkerPoolOptions = {
  config: ServerConfig;
  log: Logger;
  /** The worker's program; default our own. Tests put another one here. */
  script?: string;
};

/** The media worker processes: gives each room to the one with the fewest, keeps it there, restarts the dead. */
export class WorkerPool extends Emitter<MediaWorkersEvents> implements MediaWorkers {
  readonly #config: ServerConfig;
  readonly #log: Logger;
  readonly #script: string;
  readonly #seats: Seat[];
  readonly #readyWaiters = new Set<() => void>();
  #isClosed = false;

  constructor(options: WorkerPoolOptions) {
    super();
    this.#config = options.config;
    this.#log = options.log;
    this.#script = options.script ?? fileURLToPath(new URL('./worker-main.ts', import.meta.url));
    this.#seats = Array.from({ length: options.config.media.workers }, (_, index) => ({
      index,
      worker: undefined,
      startedMs: 0,
      backoff: new Backoff(restart),
      timer: undefined,
      rooms: new Set<DeviceId>(),
    }));
  }

  /** Starts every worker; rejects with StartError when one does not come up. */
  async start(): Promise<void> {
    const { bindAddress, firstPort } = this.#config.media;
    for (const { index } of this.#seats) await assertUdpPort(bindAddress, firstPort + index);
    for (const seat of this.#seats) this.#startWorker(seat);
    const isUp = await this.#waitUntil(
      () => this.#seats.every((seat) => seat.worker?.isReady),
      () => this.#seats.some((seat) => seat.worker === undefined),
      this.#config.timings.workerStartMs,
    );
    if (isUp) return;
    await this.close();
    throw new StartError(
      StartErrorCode.WorkerNotReady,
      `a media worker did not come up (UDP ports from ${bindAddress}:${firstPort})`,
    );
  }

  async offer(
    request: ConnectionKey &
      Pick<WorkerRequest & { type: 'offer' }, 'role' | 'sdp' | 'slots' | 'datagram'>,
  ): Promise<string> {
    const seat = this.#seatOf(request.roomId) ?? (await this.#assign(request.roomId));
    const reply = await this.#ask(seat, { type: 'offer', ...request });
    if (reply.sdp !== undefined) return reply.sdp;
    throw mediaError('the media worker gave no answer');
  }

  async subscribe(request: Parameters<MediaWorkers['subscribe']>[0]): Promise<void> {
    await this.#ask(this.#assertSeat(request.roomId), { type: 'subscribe', ...request });
  }

  async unsubscribe(request: Parameters<MediaWorkers['unsubscribe']>[0]): Promise<void> {
    await this.#ask(this.#assertSeat(request.roomId), { type: 'unsubscribe', ...request });
  }

  send(message: RoomMessage): void {
    const seat = this.#seatOf(message.roomId);
    seat?.worker?.post(message);
    if (message.type === 'closeRoom') seat?.rooms.delete(message.roomId);
  }

  stats(): RoomStats[] {
    return this.#seats.flatMap((seat) => seat.worker?.stats?.rooms ?? []);
  }

  loads(): PlacedLoad[] {
    return this.#seats.flatMap(({ worker, rooms }) => {
      const load = worker?.stats?.load;
      return load ? [{ ...load, roomIds: [...rooms] }] : [];
    });
  }

  /** Process ids of the living workers; for diagnosis. */
  pids(): number[] {
    return this.#seats.flatMap((seat) => seat.worker?.pid ?? []);
  }

  /** Ends all workers and waits for them; idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeWaiters();
    for (const seat of this.#seats) clearTimeout(seat.timer);
    await Promise.all(this.#seats.map((seat) => seat.worker?.close()));
  }

  async #ask(seat: Seat, request: WorkerRequest): Promise<FromWorker & { type: 'reply' }> {
    const { worker } = seat;
    if (worker === undefined) throw mediaError('the media worker was lost');
    const reply = await worker.ask(request);
    if (reply.code === NetworkErrorCode.Success) return reply;
    throw new LongreachError(reply.code, reply.message);
  }

  #seatOf(roomId: DeviceId): Seat | undefined {
    return this.#seats.find((seat) => seat.rooms.has(roomId));
  }

  #assertSeat(roomId: DeviceId): Seat {
    const seat = this.#seatOf(roomId);
    if (seat) return seat;
    throw mediaError('no media worker holds this room');
  }

  /** Finds a worker for a room; waits while all are being restarted. */
  async #assign(roomId: DeviceId): Promise<Seat> {
    const hasReady = () => this.#seats.some((seat) => seat.worker?.isReady);
    const { workerReplyMs } = this.#config.timings;
    const isThere = await this.#waitUntil(hasReady, () => this.#isClosed, workerReplyMs);
    // Another offer for the same room may have been waiting, too.
    const assigned = this.#seatOf(roomId);
    if (assigned) return assigned;
    const [seat] = this.#seats
      .filter((candidate) => candidate.worker?.isReady)
      .sort((a, b) => a.rooms.size - b.rooms.size);
    if (!isThere || seat === undefined) throw mediaError('no media worker is up');
    seat.rooms.add(roomId);
    this.emit('roomAssigned', { roomId });
    return seat;
  }

  #startWorker(seat: Seat): void {
    const log = this.#log.child({ worker: seat.index });
    seat.startedMs = performance.now();
    const worker = new ChildWorker(
      this.#script,
      this.#optionsOf(seat),
      this.#config.timings.workerReplyMs,
      {
        onReady: () => {
          log.info({ pid: worker.pid }, 'media worker ready');
          this.#wakeWaiters();
        },
        onMessage: (message) => this.#handleMessage(message),
        onStats: ({ type: _, ...stats }) =>
          this.emit('statsReported', { worker: seat.index, ...stats }),
        onExit: (reason) => {
          if (!this.#isClosed) log.error({ reason }, 'media worker exited');
          this.#handleExit(seat);
        },
      },
    );
    seat.worker = worker;
  }

  #handleMessage(message: FromWorker & { type: 'demand' | 'connectionState' }): void {
    // The worker only repeats ids that came from us, parsed.
    const roomId = message.roomId as DeviceId;
    if (message.type === 'demand') {
      const { type: _, ...demand } = message;
      this.emit('demandChanged', { ...demand, roomId });
      return;
    }
    const { state, connectionId } = message;
    if (state !== 'failed' && state !== 'closed') return;
    const peerId = message.peerId as DeviceId;
    this.emit('connectionEnded', { roomId, peerId, connectionId, reason: state });
  }

  #handleExit(seat: Seat): void {
    const roomIds = [...seat.rooms];
    seat.worker = undefined;
    seat.rooms.clear();
    this.#wakeWaiters();
    if (this.#isClosed) return;
    this.emit('workerEnded', { worker: seat.index });
    const isStable = performance.now() - seat.startedMs > restart.stableMs;
    if (isStable) seat.backoff.reset();
    seat.timer = setTimeout(() => this.#startWorker(seat), seat.backoff.nextMs());
    if (roomIds.length > 0) this.emit('workerLost', { roomIds });
  }

  #optionsOf(seat: Seat): WorkerOptions {
    const { media, limits } = this.#config;
    return {
      bindAddress: media.bindAddress,
      port: media.firstPort + seat.index,
      announcedAddresses: [...media.announcedAddresses],
      limits: {
        messagesPerSecond: limits.commandMessagesPerSecond,
        bytesPerSecond: limits.commandBytesPerSecond,
        unreliablePayloadBytes: limits.unreliablePayloadBytes,
        reliablePayloadBytes: limits.reliablePayloadBytes,
      },
    };
  }

  /** Waits for a change of the workers that makes `isTrue`; false when `isLost` or when it takes too long. */
  #waitUntil(isTrue: () => boolean, isLost: () => boolean, timeoutMs: number): Promise<boolean> {
    if (isTrue()) return Promise.resolve(true);
    if (isLost()) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (value: boolean) => {
        clearTimeout(timer);
        this.#readyWaiters.delete(check);
        resolve(value);
      };
      const check = () => {
        if (isTrue()) finish(true);
        else if (isLost()) finish(false);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#readyWaiters.add(check);
    });
  }

  #wakeWaiters(): void {
    for (const check of [...this.#readyWaiters]) check();
  }
}

function mediaError(message: string): LongreachError {
  return new LongreachError(NetworkErrorCode.MediaServerException, message, { retryable: true });
}
