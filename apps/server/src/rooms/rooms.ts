import { type Clock, Emitter, LongreachError } from '@longreach/kit';
import { type DeviceId, type Lease, NetworkErrorCode, type NoticeBody } from '@longreach/protocol';
import type { Logger } from 'pino';
import type { DeviceKeys } from '../accounts/device-keys.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { MediaWorkers } from '../media/workers-port.ts';
import { type GatewayBody, gatewayOf } from './gateways.ts';
import { Room } from './room.ts';
import type { RoomOutput } from './room-output.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** What rooms work with. */
export type RoomsOptions = {
  config: ServerConfig;
  clock: Clock;
  devices: DeviceKeys;
  sessions: Sessions;
  workers: MediaWorkers;
  log: Logger;
};

/** The edge of all rooms: hands them what happened and does what they return. */
export class Rooms extends Emitter<{ published: { roomId: DeviceId } }> {
  readonly #options: RoomsOptions;
  readonly #rooms = new Map<DeviceId, Room>();
  #isFleetChanged = false;

  constructor(options: RoomsOptions) {
    super();
    this.#options = options;
    this.#followSessions();
    this.#followWorkers();
  }

  find(roomId: DeviceId): Room | undefined {
    return this.#rooms.get(roomId);
  }

  all(): Room[] {
    return [...this.#rooms.values()];
  }

  /** Whether this id is that of a configured field device. */
  isMachine(deviceId: DeviceId): boolean {
    return this.#options.devices.find(deviceId)?.role === 'field';
  }

  /** Throws ServerOverload when this machine's room cannot be opened. */
  assertRoomFor(roomId: DeviceId): void {
    const { rooms } = this.#options.config.limits;
    if (!this.#rooms.has(roomId) && this.#rooms.size >= rooms) {
      throw overload('too many rooms are open');
    }
  }

  /** Puts a remote device into a machine's room. Throws SourceUserNotExist, UserRepeatedJoin or ServerOverload. */
  join(session: Session, roomId: DeviceId): Room {
    if (!this.isMachine(roomId)) {
      throw new LongreachError(NetworkErrorCode.SourceUserNotExist, 'no such field device');
    }
    if (session.rooms.has(roomId)) {
      throw new LongreachError(NetworkErrorCode.UserRepeatedJoin, 'already in this room');
    }
    const room = this.#open(roomId);
    if (room.memberCount >= this.#options.config.limits.remotesPerRoom) {
      throw overload('this room is full');
    }
    session.rooms.add(roomId);
    this.apply(room, room.handleJoin(session.deviceId));
    return room;
  }

  /** Takes a remote device out of a room. */
  leave(session: Session, roomId: DeviceId): void {
    if (!session.rooms.delete(roomId)) return;
    const room = this.#rooms.get(roomId);
    if (room === undefined) return;
    this.apply(room, room.handleLeave(session.deviceId));
    this.#dropIfIdle(room);
  }

  /** A machine's word about its lease. */
  handleLease(roomId: DeviceId, lease: Lease): void {
    const room = this.#rooms.get(roomId);
    if (room) this.apply(room, room.handleLease(lease));
  }

  /** A machine's word on the rate of one of its streams. */
  handleStreamRate(body: NoticeBody<'streamRate'>): void {
    const room = this.#rooms.get(body.deviceId);
    if (room) this.apply(room, room.handleStreamRate(body));
  }

  /** A machine's report on itself. */
  handleGatewayStats(body: NoticeBody<'gatewayStats'>): void {
    const room = this.#rooms.get(body.deviceId);
    if (room) this.apply(room, room.handleGatewayStats(body, this.#options.clock.nowUs()));
  }

  /** The fleet list. */
  gateways(): GatewayBody[] {
    const { devices, sessions } = this.#options;
    return devices
      .fieldDevices()
      .map((device) =>
        gatewayOf(device, sessions.findByDevice(device.deviceId), this.#rooms.get(device.deviceId)),
      );
  }

  /** Time has passed. News of the fleet goes out here, at most once a tick. */
  tick(): void {
    const nowUs = this.#options.clock.nowUs();
    for (const room of this.#rooms.values()) this.apply(room, room.handleTick(nowUs));
    if (!this.#isFleetChanged) return;
    this.#isFleetChanged = false;
    const gateways = this.gateways();
    for (const session of this.#options.sessions.all()) {
      if (session.info.role === 'remote') session.notify('gatewaysChanged', { gateways });
    }
  }

  /** Does what a room returned, in order. */
  apply(room: Room, outputs: RoomOutput[]): void {
    const { sessions, workers } = this.#options;
    for (const output of outputs) {
      switch (output.type) {
        case 'notify':
          sessions.findByDevice(output.to)?.notify(output.event, output.body);
          break;
        case 'ask':
          this.#ask(room, output);
          break;
        case 'worker':
          workers.send(output.message);
          break;
        case 'gatewayChanged':
          this.#isFleetChanged = true;
          break;
        case 'published':
          this.emit('published', { roomId: room.roomId });
          break;
      }
    }
  }

  #ask(room: Room, output: RoomOutput & { type: 'ask' }): void {
    const { sessions, log } = this.#options;
    const machine = sessions.findByDevice(room.roomId);
    // Without a link nothing is lost: the room briefs its machine on the next one.
    if (machine?.link === undefined) return;
    machine.ask(output.verb, output.body).then(
      (reply) => {
        if (reply.code !== NetworkErrorCode.Success) {
          log.warn({ roomId: room.roomId, verb: output.verb, code: reply.code }, 'machine refused');
        }
        // Refused counts as heard: asking again would change nothing.
        if (output.verb === 'remoteLeft') room.handleLeftConfirmed(output.body.remoteId);
        this.#dropIfIdle(room);
      },
      (error: unknown) => {
        log.warn({ roomId: room.roomId, verb: output.verb, err: error }, 'machine did not answer');
      },
    );
  }

  #open(roomId: DeviceId): Room {
    const present = this.#rooms.get(roomId);
    if (present) return present;
    this.assertRoomFor(roomId);
    const { timings } = this.#options.config;
    const room = new Room(roomId, { absentMasterUs: timings.leftMs * 1_000 });
    this.#rooms.set(roomId, room);
    return room;
  }

  #dropIfIdle(room: Room): void {
    if (!room.isIdle || this.#rooms.get(room.roomId) !== room) return;
    this.#rooms.delete(room.roomId);
    this.#options.workers.send({ type: 'closeRoom', roomId: room.roomId });
  }

  #followSessions(): void {
    const { sessions } = this.#options;
    sessions.on('opened', (session) => {
      if (session.info.role !== 'field') return;
      const room = this.#open(session.deviceId);
      this.apply(room, room.handleMachineLogin(session.info.streams));
    });
    sessions.on('resumed', (session) => this.#handleResumed(session));
    sessions.on('presenceChanged', ({ session, state }) => {
      const room = session.info.role === 'field' ? this.find(session.deviceId) : undefined;
      if (!room) return;
      this.apply(room, room.handleMachinePresence(state === 'present' ? 'online' : 'suspect'));
    });
    sessions.on('ended', ({ session, reason }) => {
      for (const roomId of [...session.rooms]) this.leave(session, roomId);
      const room = session.info.role === 'field' ? this.find(session.deviceId) : undefined;
      // A new login of the same machine follows at once and says what has changed.
      if (!room || reason === 'replaced') return;
      this.apply(room, room.handleMachineLeft());
      this.#dropIfIdle(room);
    });
  }

  #handleResumed(session: Session): void {
    if (session.info.role === 'field') {
      const room = this.#rooms.get(session.deviceId);
      if (room) this.apply(room, room.handleMachineResume());
      return;
    }
    for (const roomId of session.rooms) {
      const room = this.#rooms.get(roomId);
      if (room) this.apply(room, room.handleMemberResumed(session.deviceId));
    }
    session.notify('gatewaysChanged', { gateways: this.gateways() });
  }

  #followWorkers(): void {
    const { workers, log } = this.#options;
    workers.on('roomAssigned', ({ roomId }) => {
      const room = this.#rooms.get(roomId);
      if (room) this.apply(room, room.handleWorkerAssigned());
    });
    workers.on('workerLost', ({ roomIds }) => {
      log.warn({ rooms: roomIds.length }, 'media worker lost');
      for (const roomId of roomIds) {
        const room = this.#rooms.get(roomId);
        if (room) this.apply(room, room.handleWorkerLost());
      }
    });
    workers.on('demandChanged', ({ roomId, ...demand }) => {
      const room = this.#rooms.get(roomId);
      if (room) this.apply(room, room.handleDemand(demand));
    });
    workers.on('connectionEnded', ({ roomId, peerId, connectionId, reason }) => {
      const room = this.#rooms.get(roomId);
      if (!room) return;
      this.apply(room, room.handleConnectionEnded(peerId, connectionId, reason));
    });
  }
}

function overload(message: string): LongreachError {
  return new LongreachError(NetworkErrorCode.ServerOverload, message, { retryable: true });
}
