import { connect, createServer, type Server, type Socket } from 'node:net';
import { RtspServer } from '../../../apps/agent/src/capture/testing/rtsp-server.ts';

/** A network camera whose pictures can be held back while its connection stands. */
export class StallingCamera {
  readonly #camera: RtspServer;
  readonly #server: Server;
  readonly #upstream = new Set<Socket>();
  #isStalled = false;

  private constructor(camera: RtspServer, server: Server) {
    this.#camera = camera;
    this.#server = server;
    server.on('connection', (socket) => this.#relay(socket));
  }

  static async start(width: number, height: number): Promise<StallingCamera> {
    const camera = await RtspServer.start(width, height);
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new StallingCamera(camera, server);
  }

  get url(): string {
    const { port } = this.#server.address() as { port: number };
    return `rtsp://127.0.0.1:${port}/camera`;
  }

  /** Nothing of the camera gets through until `resume`. */
  stall(): void {
    this.#isStalled = true;
    for (const socket of this.#upstream) socket.pause();
  }

  resume(): void {
    this.#isStalled = false;
    for (const socket of this.#upstream) socket.resume();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#upstream) socket.destroy();
    this.#camera.close();
  }

  #relay(socket: Socket): void {
    const { port } = new URL(this.#camera.url);
    const upstream = connect(Number(port), '127.0.0.1');
    this.#upstream.add(upstream);
    const end = () => {
      this.#upstream.delete(upstream);
      upstream.destroy();
      socket.destroy();
    };
    for (const one of [socket, upstream]) one.on('error', end).on('close', end);
    socket.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => socket.write(data));
    if (this.#isStalled) upstream.pause();
  }
}
