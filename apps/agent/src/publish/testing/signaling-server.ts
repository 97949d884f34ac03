import type { AddressInfo } from 'node:net';
import type { ReplyEnvelope, RequestEnvelope } from '@longreach/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { AnsweringWorker } from './answering-worker.ts';

/** A notice or request as a test's server received it. */
type Received = { event?: string; verb?: string; body: unknown };

/** The server's end of signaling, for tests: lets everybody in and answers offers with a worker of its own. */
export class SignalingServer {
  readonly received: Received[] = [];
  readonly workers: AnsweringWorker[] = [];
  /** Code of the reply to the next logins; 0 = welcome. */
  loginCode = 0;
  knowsResumeTokens = true;
  sendsAlive = true;
  readonly #server: WebSocketServer;
  readonly #sockets = new Set<WebSocket>();
  readonly #replies = new Map<number, (reply: ReplyEnvelope) => void>();
  readonly #workerPort: number;
  readonly #announcedPort: number;
  readonly #alive: NodeJS.Timeout;
  #nextId = 0;
  #logins = 0;

  private constructor(server: WebSocketServer, workerPort: number, announcedPort: number) {
    this.#server = server;
    this.#workerPort = workerPort;
    this.#announcedPort = announcedPort;
    this.#alive = setInterval(() => {
      if (this.sendsAlive) this.notify('alive', {});
    }, 100);
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('message', (data) => this.#handle(socket, JSON.parse(String(data))));
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** `announcedPort`: where machines send their media to. Default `workerPort`. */
  static async listen(workerPort: number, announcedPort = workerPort): Promise<SignalingServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    return new SignalingServer(server, workerPort, announcedPort);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/signaling`;
  }

  /** The newest worker connection. */
  get worker(): AnsweringWorker | undefined {
    return this.workers.at(-1);
  }

  bodies(name: string): unknown[] {
    return this.received
      .filter(({ event, verb }) => event === name || verb === name)
      .map(({ body }) => body);
  }

  notify(event: string, body: object): void {
    this.#broadcast({ v: 1, event, body });
  }

  /** Sends a text as it is. */
  sendRaw(text: string): void {
    for (const socket of this.#sockets) socket.send(text);
  }

  /** Asks the machine. */
  ask(verb: string, body: object): Promise<ReplyEnvelope> {
    const id = ++this.#nextId;
    return new Promise((resolve) => {
      this.#replies.set(id, resolve);
      this.#broadcast({ v: 1, id, verb, body });
    });
  }

  /** Cuts every link, as a failing network does. */
  dropLinks(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async close(): Promise<void> {
    clearInterval(this.#alive);
    this.dropLinks();
    for (const worker of this.workers) worker.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #broadcast(message: object): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(message));
  }

  #handle(socket: WebSocket, message: RequestEnvelope & Partial<ReplyEnvelope>): void {
    if (message.re !== undefined) {
      this.#replies.get(message.re)?.(message as unknown as ReplyEnvelope);
      return;
    }
    this.received.push(message);
    if (message.verb === undefined) return;
    const { code, body } = this.#answer(message);
    socket.send(JSON.stringify({ v: 1, re: message.id, code, message: '', body }));
  }

  #answer({ verb, body }: RequestEnvelope): { code: number; body?: object } {
    const session = { resumeToken: `token-${++this.#logins}`, heartbeatMs: 100 };
    if (verb === 'login') {
      return this.loginCode === 0 ? { code: 0, body: session } : { code: this.loginCode };
    }
    if (verb === 'resume') {
      return this.knowsResumeTokens ? { code: 0, body: { ...session, rooms: [] } } : { code: 2003 };
    }
    if (verb !== 'offer') return { code: 0 };
    const worker = new AnsweringWorker(
      (body as { sdp: string }).sdp,
      this.#workerPort,
      this.#announcedPort,
    );
    this.workers.push(worker);
    return { code: 0, body: { sdp: worker.answer } };
  }
}
