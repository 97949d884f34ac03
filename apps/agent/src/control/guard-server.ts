import { createServer, type Server } from 'node:net';
import { Guard, type GuardOutput, type GuardProfile, type ReleasedOrder } from '@longreach/control';
import { type Clock, TokenBucket } from '@longreach/kit';
import { CommandKind, decodeCommand, type Lease, readCommandKind } from '@longreach/protocol';
import type { Logger } from 'pino';
import { encodeLocalFrame, LocalFrame } from '../local/framing.ts';
import { listenLocally } from '../local/local-listener.ts';
import type { GuardNotice, GuardRequest, GuardStatus } from '../local/messages.ts';
import { encodeReleasedCommand } from '../local/released-command.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { GuardConnection, type GuardRole } from './guard-connection.ts';
import { invalidFrame, parseHello, parseRequest, parseVehicleState } from './guard-input.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { RateGate } from './rate-gate.ts';

/** What a guard server works with. */
export type GuardServerOptions = {
  socketPath: string;
  clock: Clock;
  log: Logger;
  profile: Partial<GuardProfile>;
  persistedEpoch: number;
  lastRequesterWins: boolean;
  /** Makes an epoch durable. */
  persistEpoch: (epoch: number) => Promise<void>;
  /** 8 random bytes, hexadecimal. */
  createToken: () => string;
};

/** Who waits for the answer to which request. */
type Requester = { connection: GuardConnection; id: number };

/** Connections at once; a further one is closed. */
const maxConnections = 32;
/** Status and vehicle state go out at most 50 times a second. */
const reportPeriodUs = 20_000;
/** Log lines about refused commands: some at once, then one a second. */
const refusalLogLimits = { capacity: 5, perSecond: 1 };

/** The guard on its socket: hands what comes to the core, and what the core decides to the actuators. */
export class GuardServer {
  readonly #options: GuardServerOptions;
  readonly #guard: Guard;
  readonly #keeper: LeaseKeeper<Requester>;
  readonly #server: Server;
  readonly #connections = new Set<GuardConnection>();
  readonly #guardTimer: DeadlineTimer;
  readonly #reportTimer: DeadlineTimer;
  readonly #status = new RateGate<true>(reportPeriodUs);
  readonly #vehicleState = new RateGate<Buffer>(reportPeriodUs);
  readonly #refusalLog = new TokenBucket(refusalLogLimits);
  #closed = false;

  private constructor(options: GuardServerOptions) {
    const { clock, persistEpoch, profile } = options;
    this.#options = options;
    this.#keeper = new LeaseKeeper<Requester>({
      ...options,
      persist: persistEpoch,
      onLeaseInForce: (lease) => this.#perform(this.#guard.handleLease(lease, clock.nowUs())),
      onAnswer: ({ connection, id }, lease) => this.#sendLease(connection, lease, id),
      onLeaseChanged: (lease, requester) => this.#broadcastLease(lease, requester?.connection),
    });
    this.#guard = new Guard({ nowUs: clock.nowUs(), epoch: this.#keeper.told.epoch, profile });
    this.#guardTimer = new DeadlineTimer(clock, () => this.#handleTime());
    this.#reportTimer = new DeadlineTimer(clock, () => this.#sendReports());
    this.#server = createServer({ noDelay: true }, (socket) => {
      const connection = new GuardConnection(socket, {
        onFrame: (from, type, payload) => this.#handleFrame(from, type, payload),
        onClose: (from, reason) => this.#handleClose(from, reason),
      });
      this.#connections.add(connection);
      if (this.#connections.size > maxConnections) connection.close('too many connections');
    });
  }

  /** Makes the new epoch durable, then listens. Rejects when either fails. */
  static async start(options: GuardServerOptions): Promise<GuardServer> {
    const server = new GuardServer(options);
    await options.persistEpoch(server.#keeper.told.epoch);
    await listenLocally(server.#server, options.socketPath);
    server.#handleTime();
    return server;
  }

  /** Brings the machine to standstill, then closes every connection and the socket. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { epoch } = this.#guard;
    this.#perform(this.#guard.handleLease({ epoch, token: null }, this.#nowUs()));
    this.#guardTimer.close();
    this.#reportTimer.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.end();
    await closed;
    await this.#keeper.settled;
  }

  #nowUs(): number {
    return this.#options.clock.nowUs();
  }

  #handleTime(): void {
    this.#perform(this.#guard.handleTime(this.#nowUs()));
  }

  #handleFrame(from: GuardConnection, type: number, payload: Buffer): void {
    if (from.role === undefined) {
      this.#handleHello(from, parseHello(type, payload));
    } else if (type === LocalFrame.command && from.role === 'transport') {
      this.#handleCommand(payload);
    } else if (type === LocalFrame.vehicleState && from.role === 'actuator') {
      this.#handleVehicleState(payload);
    } else {
      this.#handleRequest(from, parseRequest(type, payload));
    }
  }

  #handleHello(from: GuardConnection, role: GuardRole): void {
    from.role = role;
    this.#options.log.info({ role }, 'local connection opened');
    if (role === 'actuator') this.#countActuators();
    else {
      this.#sendLease(from, this.#keeper.told);
      from.send(this.#encodeStatus());
    }
  }

  #handleCommand(payload: Buffer): void {
    const nowUs = this.#nowUs();
    if (readCommandKind(payload) === CommandKind.emergencyStop) {
      // Whatever else is wrong with such a frame, the machine stops.
      this.#perform(this.#guard.handleEmergencyStop(nowUs));
      return;
    }
    const command = decodeCommand(payload);
    const guard = this.#guard;
    this.#perform(command ? guard.handleCommand(command, nowUs) : guard.handleMalformed(nowUs));
  }

  #handleRequest(from: GuardConnection, request: GuardRequest): void {
    if (request.type === 'emergencyStop') {
      this.#options.log.warn({ from: request.from }, 'emergency stop requested');
      this.#perform(this.#guard.handleEmergencyStop(this.#nowUs()));
      return;
    }
    if (from.role !== 'transport') throw invalidFrame();
    const keeper = this.#keeper;
    if (request.type === 'remoteLeft') {
      keeper.remoteLeft(request.remoteId);
      return;
    }
    const requester = { connection: from, id: request.id };
    if (request.permission === 'master') keeper.request(request.remoteId, requester);
    else keeper.release(request.remoteId, requester);
  }

  #handleVehicleState(payload: Buffer): void {
    parseVehicleState(payload);
    this.#vehicleState.put(encodeLocalFrame(LocalFrame.vehicleState, payload));
    this.#sendReports();
  }

  #handleClose(from: GuardConnection, reason: string): void {
    this.#connections.delete(from);
    const log = { role: from.role, reason };
    if (from.role === 'actuator' && !this.#closed) {
      this.#options.log.warn(log, 'actuator lost');
      this.#countActuators();
    } else {
      this.#options.log.info(log, 'local connection closed');
    }
  }

  #countActuators(): void {
    let count = 0;
    for (const connection of this.#connections) if (connection.role === 'actuator') count++;
    this.#status.put(true);
    this.#perform(this.#guard.handleActuators(count, this.#nowUs()));
  }

  /** Does what the core decided: orders first, because somebody waits for them. */
  #perform(outputs: GuardOutput[]): void {
    let modeChanged = false;
    for (const output of outputs) if (output.type === 'ordered') this.#sendOrder(output.order);
    for (const output of outputs) {
      if (output.type === 'modeChanged') {
        modeChanged = true;
        this.#options.log.info({ mode: output.mode, reason: output.reason }, 'mode changed');
      } else if (output.type === 'refused') this.#logRefusal(output);
    }
    if (outputs.length > 0) this.#status.put(true);
    const { mode } = this.#guard;
    this.#guardTimer.set(this.#guard.nextDeadlineUs, mode === 'armed' || mode === 'braking');
    if (modeChanged && this.#status.force(this.#nowUs())) this.#broadcast(this.#encodeStatus());
    this.#sendReports();
  }

  #sendOrder(order: ReleasedOrder): void {
    const frame = encodeLocalFrame(LocalFrame.released, encodeReleasedCommand(order));
    for (const to of this.#connections) if (to.role === 'actuator') to.send(frame);
    for (const to of this.#connections) if (to.role === 'observer') to.send(frame);
  }

  #logRefusal(refusal: Extract<GuardOutput, { type: 'refused' }>): void {
    if (!this.#refusalLog.take(1, this.#nowUs())) return;
    const { code, kind, sequence } = refusal;
    const { refused } = this.#guard.counters;
    this.#options.log.warn({ code, kind, sequence, refused }, 'command refused');
  }

  #sendReports(): void {
    const nowUs = this.#nowUs();
    if (this.#status.take(nowUs)) this.#broadcast(this.#encodeStatus());
    const moved = this.#vehicleState.take(nowUs);
    if (moved) this.#broadcast(moved.value);
    const dueUs = Math.min(this.#status.dueUs, this.#vehicleState.dueUs);
    if (dueUs < Number.POSITIVE_INFINITY) this.#reportTimer.set(dueUs, false);
  }

  #broadcast(frame: Buffer): void {
    for (const to of this.#connections) {
      if (to.role === 'transport' || to.role === 'observer') to.send(frame);
    }
  }

  #encodeStatus(): Buffer {
    const status: GuardStatus = {
      mode: this.#guard.mode,
      epoch: this.#guard.epoch,
      ...this.#guard.counters,
      actuator: this.#guard.actuators > 0,
    };
    return encodeLocalFrame(LocalFrame.guardStatus, Buffer.from(JSON.stringify(status)));
  }

  #broadcastLease(lease: Lease, answered: GuardConnection | undefined): void {
    for (const to of this.#connections) {
      if (to !== answered) this.#sendLease(to, lease);
    }
  }

  #sendLease(to: GuardConnection, lease: Lease, id?: number): void {
    if (to.role !== 'transport' && to.role !== 'observer') return;
    const { token, ...publicLease } = lease;
    const notice: GuardNotice = {
      type: 'lease',
      ...(id !== undefined && { id }),
      lease: to.role === 'transport' ? lease : publicLease,
    };
    to.send(encodeLocalFrame(LocalFrame.json, Buffer.from(JSON.stringify(notice))));
  }
}
