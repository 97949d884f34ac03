import type { Socket } from 'node:dgram';
import { type Endpoint, hasRoom } from './udp-socket.ts';

/** One client's way to the target: a socket of its own, so that the target sees one address per client. */
export class Flow {
  /** Number of the client's newest packet; the flow with the lowest one has been silent longest. */
  lastArrival = 0;
  readonly client: Endpoint;
  readonly #socket: Socket;
  readonly #to: Endpoint;
  #isClosed = false;

  constructor(
    client: Endpoint,
    socket: Socket,
    to: Endpoint,
    onPacket: (packet: Uint8Array, flow: Flow) => void,
  ) {
    this.client = client;
    this.#socket = socket;
    this.#to = to;
    socket.on('message', (packet, from) => {
      if (from.port === to.port && from.address === to.address) onPacket(packet, this);
    });
    // The target's port may be closed for a while: its packets are lost, as on any network.
    socket.on('error', () => {});
  }

  /** Sends a packet to the target, or says that it cannot: the queue is full, or the flow has gone meanwhile. */
  sendToTarget(packet: Uint8Array): boolean {
    if (this.#isClosed || !hasRoom(this.#socket)) return false;
    this.#socket.send(packet, this.#to.port, this.#to.address);
    return true;
  }

  /** Closes the socket. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}
