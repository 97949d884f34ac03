import type { Socket } from 'node:dgram';
import { type Endpoint, hasRoom } from './udp-socket.ts';

/** One client's way to the target: a socket of its own, so that the target sees one address per client. */
export class Flow {
  /** Number of the client's newest packet; the flow with the lowest one has been silent longest. */
  lastArrival = 0;
  readonly #socket: Socket;
  readonly #to: Endpoint;

  constructor(socket: Socket, to: Endpoint, onDown: (packet: Uint8Array) => void) {
    this.#socket = socket;
    this.#to = to;
    socket.on('message', (packet, from) => {
      if (from.port === to.port && from.address === to.address) onDown(packet);
    });
    // The target's port may be closed for a while: its packets are lost, as on any network.
    socket.on('error', () => {});
  }

  /** Sends a packet to the target, or says that the queue is full. */
  sendUp(packet: Uint8Array): boolean {
    if (!hasRoom(this.#socket)) return false;
    this.#socket.send(packet, this.#to.port, this.#to.address);
    return true;
  }

  /** Closes the socket. */
  close(): void {
    this.#socket.close();
  }
}
