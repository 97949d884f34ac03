import { createServer, type Server, type Socket } from 'node:net';
import { encodeLocalFrame, type LocalFrame, LocalFrameReader } from '../../local/framing.ts';

/** A frame as a test's local server received it. */
export type ReceivedFrame = { type: number; payload: Buffer };

/** The listening end of one of the machine's local sockets, for tests. */
export class LocalServer {
  readonly frames: ReceivedFrame[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens at `path`. */
  static async listen(path: string): Promise<LocalServer> {
    const server = createServer();
    const local = new LocalServer(server);
    server.on('connection', (socket) => local.#accept(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return local;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** JSON messages received so far. */
  get messages(): unknown[] {
    return this.frames
      .filter(({ type }) => type === 1)
      .map(({ payload }) => JSON.parse(payload.toString()));
  }

  send(type: LocalFrame, payload: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(encodeLocalFrame(type, payload));
  }

  sendJson(message: object): void {
    this.send(1, Buffer.from(JSON.stringify(message)));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const reader = new LocalFrameReader((type, payload) => {
      this.frames.push({ type, payload: Buffer.from(payload) });
    });
    socket.on('data', (chunk) => reader.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
