import type { Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { DeliveryTimer, monotonicUs } from './delivery-timer.ts';
import type { Flow } from './flow.ts';
import { FlowTable } from './flow-table.ts';
import { LinkModel } from './link-model.ts';
import type { LegSettings } from './link-settings.ts';
import { PathCounters, type PathCounts } from './path-counters.ts';
import { bindSocket, createUdpSocket, type Endpoint, hasRoom } from './udp-socket.ts';
import { WaitingPackets } from './waiting-packets.ts';

/** `toTarget` = client to target, `toFlow` = target to client. */
export type Direction = 'toTarget' | 'toFlow' | 'both';

/** How a relay is set up. */
export type RelayOptions = {
  /** Where clients send to. Default 127.0.0.1, any free port. */
  listen?: Partial<Endpoint>;
  /** Where their packets go. */
  to: Endpoint;
  /** What the link is like, for all clients together. Default: perfect. */
  profile?: LegSettings;
  /** Clients (address and port) served at once, default 256. One more takes the place of the one silent longest. */
  maxFlows?: number;
  /** Bytes on the way at once, both directions together, default 64 MiB; further packets are dropped as `overflow`. */
  maxWaitingBytes?: number;
};

/** What went through a relay so far. */
export type RelayCounters = {
  toTarget: PathCounts;
  toFlow: PathCounts;
  /** Clients served now. */
  flows: number;
  /** Clients that had to make room for others. */
  evictedFlows: number;
};

/** A UDP path with a link's faults. Each client gets an upstream socket of its own, so the target can tell them apart. */
export type Relay = {
  /** The port that clients send to. */
  readonly port: number;
  /** Makes the link another one from now on; its schedules begin now. What is on the way arrives as it would have. */
  setProfile(profile: LegSettings): void;
  /** Drops everything in this direction (default both) from now on, also what is on the way. */
  cut(direction?: Direction): void;
  /** Lets packets pass again. */
  restore(direction?: Direction): void;
  /** A snapshot of the counters. */
  counters(): RelayCounters;
  /** Closes every socket; calling it again gives the same promise. */
  close(): Promise<void>;
};

const defaultMaxFlows = 256;
const defaultMaxWaitingBytes = 64 * 1024 * 1024;

/** Starts a relay. Rejects when the port cannot be bound, an address is no IP address or a setting is out of range. */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  const listen = { address: '127.0.0.1', port: 0, ...options.listen };
  for (const address of [listen.address, options.to.address]) {
    if (isIP(address) === 0) throw new RangeError(`${address} is no IP address`);
  }
  if (!((options.maxFlows ?? 1) >= 1)) throw new RangeError('a relay serves at least one flow');
  const paths = createPaths(options.profile ?? { toTarget: {}, toFlow: {} });
  const socket = createUdpSocket(listen.address);
  await bindSocket(socket, listen);
  return new UdpRelay(socket, options, paths);
}

/** One direction of the relay. */
type Path = { readonly counters: PathCounters; model: LinkModel; isCut: boolean };
type Paths = { toTarget: Path; toFlow: Path };
type WaitingPacket = { dueUs: number; packet: Uint8Array; flow: Flow; path: Path };

function createPaths({ toTarget, toFlow }: LegSettings): Paths {
  const nowUs = monotonicUs();
  const [forth, back] = [toTarget, toFlow].map((settings) => ({
    counters: new PathCounters(),
    model: new LinkModel(settings, nowUs),
    isCut: false,
  })) as [Path, Path];
  return { toTarget: forth, toFlow: back };
}

class UdpRelay implements Relay {
  readonly port: number;
  readonly #socket: Socket;
  readonly #maxWaitingBytes: number;
  readonly #paths: Paths;
  readonly #flows: FlowTable;
  readonly #waiting = new WaitingPackets<WaitingPacket>();
  readonly #timer = new DeliveryTimer(() => this.#deliverDue());
  #waitingBytes = 0;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, options: RelayOptions, paths: Paths) {
    this.#socket = socket;
    this.#paths = paths;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? defaultMaxWaitingBytes;
    this.port = socket.address().port;
    this.#flows = new FlowTable({
      to: options.to,
      maxFlows: options.maxFlows ?? defaultMaxFlows,
      onPacket: (packet, flow) => this.#handlePacket(packet, flow, this.#paths.toFlow),
    });
    socket.on('message', (packet, client) =>
      this.#handlePacket(packet, this.#flows.handleArrival(client), this.#paths.toTarget),
    );
    // An ICMP error about one client must not end the others; the packet is lost, as on any network.
    socket.on('error', () => {});
  }

  setProfile(profile: LegSettings): void {
    const nowUs = monotonicUs();
    const { toTarget, toFlow } = this.#paths;
    const [forth, back] = [
      new LinkModel(profile.toTarget, nowUs, toTarget.model.lastDueUs),
      new LinkModel(profile.toFlow, nowUs, toFlow.model.lastDueUs),
    ];
    toTarget.model = forth;
    toFlow.model = back;
  }

  cut(direction: Direction = 'both'): void {
    this.#setCut(direction, true);
  }

  restore(direction: Direction = 'both'): void {
    this.#setCut(direction, false);
  }

  counters(): RelayCounters {
    return {
      toTarget: this.#paths.toTarget.counters.snapshot(),
      toFlow: this.#paths.toFlow.counters.snapshot(),
      flows: this.#flows.size,
      evictedFlows: this.#flows.evicted,
    };
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#timer.close();
      this.#waiting.clear();
      this.#flows.close();
      this.#socket.close(() => resolve());
    });
    return this.#closing;
  }

  #setCut(direction: Direction, value: boolean): void {
    if (direction !== 'toFlow') this.#paths.toTarget.isCut = value;
    if (direction !== 'toTarget') this.#paths.toFlow.isCut = value;
  }

  #handlePacket(packet: Uint8Array, flow: Flow, path: Path): void {
    const { counters } = path;
    const nowUs = monotonicUs();
    this.#timer.handleActivity();
    counters.countArrival(packet.length);
    const fate = path.model.handlePacket(packet.length, nowUs);
    if (path.isCut) counters.countDrop(packet.length, 'cut');
    else if (fate.kind === 'dropped') counters.countDrop(packet.length, fate.cause);
    else {
      for (const [copy, dueUs] of fate.dueUs.entries()) {
        if (copy > 0) counters.countDuplicate();
        this.#schedule({ dueUs, packet, flow, path }, nowUs);
      }
    }
  }

  #schedule(waiting: WaitingPacket, nowUs: number): void {
    const bytes = waiting.packet.length;
    const { nextDueUs } = this.#waiting;
    if (nextDueUs === undefined && waiting.dueUs <= nowUs) {
      this.#deliver(waiting);
    } else if (this.#waitingBytes + bytes > this.#maxWaitingBytes) {
      waiting.path.counters.countDrop(bytes, 'overflow');
    } else {
      this.#waiting.add(waiting);
      this.#waitingBytes += bytes;
      waiting.path.counters.countWaiting(bytes, 1);
      this.#timer.arm(waiting.dueUs);
    }
  }

  #deliverDue(): void {
    const nowUs = monotonicUs() + earlyUs;
    for (;;) {
      const waiting = this.#waiting.takeDue(nowUs);
      if (!waiting) break;
      const bytes = waiting.packet.length;
      this.#waitingBytes -= bytes;
      waiting.path.counters.countWaiting(bytes, -1);
      if (waiting.path.isCut) waiting.path.counters.countDrop(bytes, 'cut');
      else this.#deliver(waiting);
    }
    const { nextDueUs } = this.#waiting;
    if (nextDueUs !== undefined) this.#timer.arm(nextDueUs);
  }

  #deliver({ packet, flow, path }: WaitingPacket): void {
    const isSent =
      path === this.#paths.toTarget ? flow.sendToTarget(packet) : this.#sendToFlow(packet, flow);
    if (isSent) path.counters.countDelivery(packet.length);
    else path.counters.countDrop(packet.length, 'overflow');
  }

  #sendToFlow(packet: Uint8Array, { client }: Flow): boolean {
    if (!hasRoom(this.#socket)) return false;
    this.#socket.send(packet, client.port, client.address);
    return true;
  }
}

/** Packets due this soon go with the others: a wake-up for each would cost more than it is worth. */
const earlyUs = 20;
