import { Flow } from './flow.ts';
import { createUdpSocket, type Endpoint } from './udp-socket.ts';

/** How a flow table is set up. */
type FlowTableOptions = {
  to: Endpoint;
  maxFlows: number;
  /** A packet from the target to the flow's client. */
  onPacket: (packet: Uint8Array, flow: Flow) => void;
};

/** The clients of a relay. When there is no place for one more, the one silent longest goes. */
export class FlowTable {
  readonly #options: FlowTableOptions;
  readonly #flows = new Map<string, Flow>();
  #evicted = 0;
  #arrivals = 0;
  /** The flow of the newest packet: packets come in rows. */
  #newest: Flow | undefined;

  constructor(options: FlowTableOptions) {
    this.#options = options;
  }

  /** Clients now. */
  get size(): number {
    return this.#flows.size;
  }

  /** Clients that had to make room for others. */
  get evicted(): number {
    return this.#evicted;
  }

  /** The flow of the client that sent a packet just now, new if need be. */
  handleArrival({ address, port }: Endpoint): Flow {
    const newest = this.#newest;
    const isSame = newest?.client.port === port && newest.client.address === address;
    const flow = isSame ? newest : this.#flowOf(address, port);
    flow.lastArrival = ++this.#arrivals;
    this.#newest = flow;
    return flow;
  }

  /** Closes every flow. */
  close(): void {
    for (const flow of this.#flows.values()) flow.close();
    this.#flows.clear();
    this.#newest = undefined;
  }

  #flowOf(address: string, port: number): Flow {
    const key = `${address} ${port}`;
    const known = this.#flows.get(key);
    if (known) return known;
    const { to, maxFlows, onPacket } = this.#options;
    if (this.#flows.size >= maxFlows) this.#evict();
    const flow = new Flow({ address, port }, createUdpSocket(to.address), to, onPacket);
    this.#flows.set(key, flow);
    return flow;
  }

  #evict(): void {
    const [oldest] = [...this.#flows].toSorted(([, a], [, b]) => a.lastArrival - b.lastArrival);
    if (!oldest) return;
    this.#flows.delete(oldest[0]);
    oldest[1].close();
    this.#evicted += 1;
  }
}
