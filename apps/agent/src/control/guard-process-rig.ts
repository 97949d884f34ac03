import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, encodeCommand, type Lease } from '@longreach/protocol';
import { encodeLocalFrame, LocalFrame, LocalFrameReader } from '../local/framing.ts';
import { machineClock } from '../local/machine-clock.ts';
import {
  type GuardNotice,
  type GuardRequest,
  type GuardStatus,
  guardNoticeSchema,
  guardStatusSchema,
} from '../local/messages.ts';
import { decodeReleasedCommand, type ReleasedCommand } from '../local/released-command.ts';
import type { VehicleState } from '../local/vehicle-state.ts';
import { decodeVehicleState } from '../local/vehicle-state.ts';
import type { GuardRole } from './guard-connection.ts';

/** An order with the time at which the test received it, machine clock, µs. */
export type SeenOrder = ReleasedCommand & { seenUs: number };

const mainPath = new URL('./guard-main.ts', import.meta.url).pathname;

/** A real guard process in a directory of its own, for tests. */
export class GuardProcess {
  readonly directory: string;
  readonly #clients = new Set<GuardTestClient>();
  #child: ChildProcess | undefined;
  /** Everything that all guards of this directory logged. */
  logged = '';

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async start(): Promise<GuardProcess> {
    const guard = new GuardProcess(await mkdtemp(join(tmpdir(), 'guard-')));
    await guard.spawn();
    return guard;
  }

  /** The guard that was started last. */
  get child(): ChildProcess {
    if (!this.#child) throw new Error('no guard was started');
    return this.#child;
  }

  get socketPath(): string {
    return join(this.directory, 'run', 'guard.sock');
  }

  get stateFile(): string {
    return join(this.directory, 'epoch.json');
  }

  get options() {
    return { runtimeDir: join(this.directory, 'run'), stateFile: this.stateFile };
  }

  /** Starts a guard (again) over the IPC channel; resolves when it is ready. */
  async spawn(): Promise<ChildProcess> {
    const child = fork(mainPath, [], { silent: true, execArgv: [] });
    this.#child = child;
    child.stdout?.on('data', (text) => {
      this.logged += text;
    });
    child.stderr?.on('data', (text) => {
      this.logged += text;
    });
    child.send(this.options);
    const early = once(child, 'exit').then(([code]) => {
      throw new Error(`the guard exited with ${code}: ${this.logged}`);
    });
    early.catch(() => {});
    await Promise.race([once(child, 'message'), early]);
    return child;
  }

  /** Ends the guard with a signal and waits until it is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async connect(role: GuardRole): Promise<GuardTestClient> {
    const client = await GuardTestClient.connect(this.socketPath);
    this.#clients.add(client);
    client.sendJson({ hello: role });
    return client;
  }

  /** Leaves nothing behind. */
  async close(): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    await this.kill('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** One end of the guard's socket as a test holds it. */
export class GuardTestClient {
  readonly socket: Socket;
  readonly orders: SeenOrder[] = [];
  readonly statuses: GuardStatus[] = [];
  readonly notices: GuardNotice[] = [];
  readonly vehicleStates: VehicleState[] = [];
  closed = false;
  #sequence = 0;
  #mark = 0;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    const reader = new LocalFrameReader((type, payload) => this.#take(type, payload));
    socket.on('data', (chunk) => {
      reader.push(chunk);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async connect(path: string): Promise<GuardTestClient> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    return new GuardTestClient(socket);
  }

  /** Resolves with what `look` finds in what came or comes; the test's own time limit bounds it. */
  async until<Found>(look: () => Found | undefined | false): Promise<Found> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  get status(): GuardStatus | undefined {
    return this.statuses.at(-1);
  }

  /** Resolves when this mode was reported after the last frame that this client sent, however briefly. */
  untilMode(mode: GuardStatus['mode']): Promise<GuardStatus> {
    return this.until(() => this.statuses.slice(this.#mark).find((status) => status.mode === mode));
  }

  sendJson(message: object): void {
    this.sendFrame(LocalFrame.json, Buffer.from(JSON.stringify(message)));
  }

  sendFrame(type: LocalFrame, payload: Uint8Array): void {
    this.#mark = this.statuses.length;
    this.socket.write(encodeLocalFrame(type, payload));
  }

  async ask(request: Extract<GuardRequest, { type: 'permission' }>): Promise<Lease> {
    this.sendJson(request);
    return this.until(() => this.notices.find((notice) => notice.id === request.id)?.lease);
  }

  /** Sends a drive command of this lease with a picture 50 ms old. */
  drive(lease: Lease, overrides: Partial<Command> = {}): void {
    this.send({
      ...this.#header(lease),
      kind: 'drive',
      axes: [0, 0.5, 0],
      buttons: 0,
      ...overrides,
    });
  }

  rearm(lease: Lease, overrides: Partial<Command> = {}): void {
    this.send({ ...this.#header(lease), kind: 'rearm', ...overrides });
  }

  send(command: object): void {
    this.sendFrame(LocalFrame.command, encodeCommand(command as Command));
  }

  #header(lease: Lease) {
    this.#sequence++;
    return {
      sequence: this.#sequence,
      epoch: lease.epoch,
      token: lease.token ?? '0000000000000000',
      ttlMs: 1000,
      captureTimeUs: machineClock.nowUs() - 50_000,
      inputTimeMs: 1,
    };
  }

  #take(type: number, payload: Buffer): void {
    const text = () => JSON.parse(payload.toString()) as unknown;
    if (type === LocalFrame.released) {
      const order = decodeReleasedCommand(payload);
      if (order) this.orders.push({ ...order, seenUs: machineClock.nowUs() });
    } else if (type === LocalFrame.guardStatus) this.statuses.push(guardStatusSchema.parse(text()));
    else if (type === LocalFrame.json) this.notices.push(guardNoticeSchema.parse(text()));
    else if (type === LocalFrame.vehicleState) {
      const state = decodeVehicleState(payload);
      if (state) this.vehicleStates.push(state);
    }
  }
}
