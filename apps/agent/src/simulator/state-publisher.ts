import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

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

  /** Starts to listen; a socket file left behind by a dead process is removed. */
  static async listen(path: string): Promise<StatePublisher> {
    rmSync(path, { force: true });
    const server = createServer();
    const publisher = new StatePublisher(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    return publisher;
  }

  /** Gives a whole frame to every listener that keeps up. */
  publish(frame: Uint8Array): void {
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
