import { createServer, type Server, type Socket } from 'node:net';
import { encodeLocalFrame, type LocalFrame } from '../local/framing.ts';
import { listenLocally } from '../local/local-listener.ts';

/** Listeners at once; more are refused. */
const maxListeners = 32;
/** Bytes that may wait for one listener; beyond, it misses states: only the newest counts. */
const maxBufferedBytes = 32 * 1024;

/** Listens on a local socket and gives every frame to all who are connected. */
export class StatePublisher {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#handleConnection(socket));
  }

  /** Starts to listen; rejects with SocketInUse when another process does already. */
  static async listen(path: string): Promise<StatePublisher> {
    const server = createServer();
    const publisher = new StatePublisher(server);
    await listenLocally(server, path);
    return publisher;
  }

  /** Gives a frame to every listener that keeps up. */
  publish(type: LocalFrame, payload: Uint8Array): void {
    const frame = encodeLocalFrame(type, payload);
    for (const socket of this.#sockets) {
      if (socket.writableLength <= maxBufferedBytes) socket.write(frame);
    }
  }

  /** Idempotent. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #handleConnection(socket: Socket): void {
    if (this.#sockets.size >= maxListeners) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    // Nothing is expected from listeners; reading keeps the end of the connection visible.
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
