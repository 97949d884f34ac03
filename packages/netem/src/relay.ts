import type { RemoteInfo, Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { Flow } from './flow.ts';
import { PathCounters, type PathCounts } from './path-counters.ts';
import { bindSocket, createUdpSocket, type Endpoint, hasRoom } from './udp-socket.ts';

/** `up` = client to target, `down` = target to client. */
export type Direction = 'up' | 'down' | 'both';

/** How a relay is set up. */
export type RelayOptions = {
  /** Where clients send to. Default 127.0.0.1, any free port. */
  listen?: Partial<Endpoint>;
  /** Where their packets go. */
  to: Endpoint;
  /** Clients (address and port) served at once, default 256. One more takes the place of the one silent longest. */
  maxFlows?: number;
};

/** What went through a relay so far. */
export type RelayCounters = {
  up: PathCounts;
  down: PathCounts;
  /** Clients served now. */
  flows: number;
  /** Clients that had to make room for others. */
  evictedFlows: number;
};

/** A UDP path that can be cut. Each client gets an upstream socket of its own, so the target can tell them apart. */
export type Relay = {
  /** The port that clients send to. */
  readonly port: number;
  /** Drops everything in this direction (default both) from now on. */
  cut(direction?: Direction): void;
  /** Lets packets pass again. */
  restore(direction?: Direction): void;
  /** A snapshot of the counters. */
  counters(): RelayCounters;
  /** Closes every socket; calling it again gives the same promise. */
  close(): Promise<void>;
};

/** Starts a relay. Rejects when the port cannot be bound or an address is no IP address. */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  const listen = { address: '127.0.0.1', port: 0, ...options.listen };
  for (const address of [listen.address, options.to.address]) {
    if (isIP(address) === 0) throw new RangeError(`${address} is no IP address`);
  }
  const maxFlows = options.maxFlows ?? defaultMaxFlows;
  if (!(maxFlows >= 1)) throw new RangeError('a relay serves at least one flow');
  const socket = createUdpSocket(listen.address);
  await bindSocket(socket, listen);
  return new UdpRelay(socket, options.to, maxFlows);
}

const defaultMaxFlows = 256;

class UdpRelay implements Relay {
  readonly port: number;
  readonly #socket: Socket;
  readonly #to: Endpoint;
  readonly #maxFlows: number;
  readonly #flows = new Map<string, Flow>();
  readonly #up = new PathCounters();
  readonly #down = new PathCounters();
  readonly #isCut = { up: false, down: false };
  #evictedFlows = 0;
  #arrivals = 0;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, to: Endpoint, maxFlows: number) {
    this.#socket = socket;
    this.#to = to;
    this.#maxFlows = maxFlows;
    this.port = socket.address().port;
    socket.on('message', (packet, client) => this.#handleUp(packet, client));
    // An ICMP error about one client must not end the others; the packet is lost, as on any network.
    socket.on('error', () => {});
  }

  cut(direction: Direction = 'both'): void {
    this.#setCut(direction, true);
  }

  restore(direction: Direction = 'both'): void {
    this.#setCut(direction, false);
  }

  counters(): RelayCounters {
    return {
      up: this.#up.snapshot(),
      down: this.#down.snapshot(),
      flows: this.#flows.size,
      evictedFlows: this.#evictedFlows,
    };
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      for (const flow of this.#flows.values()) flow.close();
      this.#flows.clear();
      this.#socket.close(() => resolve());
    });
    return this.#closing;
  }

  #setCut(direction: Direction, value: boolean): void {
    if (direction !== 'down') this.#isCut.up = value;
    if (direction !== 'up') this.#isCut.down = value;
  }

  #handleUp(packet: Uint8Array, client: RemoteInfo): void {
    const flow = this.#flowOf(client);
    flow.lastArrival = ++this.#arrivals;
    this.#up.count(packet.length, !this.#isCut.up && flow.sendUp(packet));
  }

  #handleDown(packet: Uint8Array, client: Endpoint): void {
    const passes = !this.#isCut.down && hasRoom(this.#socket);
    if (passes) this.#socket.send(packet, client.port, client.address);
    this.#down.count(packet.length, passes);
  }

  #flowOf({ address, port }: RemoteInfo): Flow {
    const key = `${address} ${port}`;
    const known = this.#flows.get(key);
    if (known) return known;
    if (this.#flows.size >= this.#maxFlows) this.#evict();
    const flow = new Flow(createUdpSocket(this.#to.address), this.#to, (packet) =>
      this.#handleDown(packet, { address, port }),
    );
    this.#flows.set(key, flow);
    return flow;
  }

  #evict(): void {
    const [oldest] = [...this.#flows].toSorted(([, a], [, b]) => a.lastArrival - b.lastArrival);
    if (!oldest) return;
    this.#flows.delete(oldest[0]);
    oldest[1].close();
    this.#evictedFlows++;
  }
}
