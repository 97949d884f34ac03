import { NetworkErrorCode, type ReplyEnvelope } from '@longreach/protocol';
import { WebSocket } from 'ws';

type Message = {
  id?: number;
  verb?: string;
  re?: number;
  code?: number;
  message?: string;
  event?: string;
  body?: unknown;
};
type Waiter = { matches: (message: Message) => boolean; resolve: (message: Message) => void };

/** How long a test waits for a message, ms; only reached when the test fails. */
const patienceMs = 5_000;

/** A signaling peer for tests: sends what it is told and waits for what comes. Shows life unless told not to. */
export class TestClient {
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Answers the server's requests; undefined leaves them unanswered. */
  onRequest: (verb: string, body: unknown) => { code?: number; body?: unknown } | undefined =
    () => ({});
  /** The server's requests so far. */
  readonly requests: Array<{ verb: string; body: unknown }> = [];
  resumeToken = '';
  readonly #socket: WebSocket;
  readonly #inbox: Message[] = [];
  #waiters: Waiter[] = [];
  #nextId = 1;
  #alive: NodeJS.Timeout | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        clearInterval(this.#alive);
        resolve({ code, reason: reason.toString() });
      });
    });
    socket.on('error', () => {});
    socket.on('message', (data) => this.#handleMessage(JSON.parse(String(data)) as Message));
  }

  /** Connects to the signaling endpoint of a server. */
  static async open(url: string): Promise<TestClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/signaling`);
    const client = new TestClient(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Logs in with a secret; throws unless it succeeds. */
  async login(deviceId: string, secret: string, body: object = {}): Promise<void> {
    const role = deviceId.startsWith('rover') ? 'field' : 'remote';
    const reply = await this.request('login', { role, deviceId, secret, version: '1', ...body });
    if (reply.code !== NetworkErrorCode.Success) throw new Error(`login: ${reply.message}`);
    this.#keepAlive(reply);
  }

  /** Continues the session of a token; gives the reply. */
  async resume(resumeToken: string): Promise<ReplyEnvelope> {
    const reply = await this.request('resume', { resumeToken });
    if (reply.code === NetworkErrorCode.Success) this.#keepAlive(reply);
    return reply;
  }

  /** Sends a request and waits for its reply. */
  async request(verb: string, body: unknown = {}): Promise<ReplyEnvelope> {
    const id = this.#nextId++;
    this.sendText(JSON.stringify({ v: 1, id, verb, body }));
    return this.replyTo(id);
  }

  /** The reply to a request id. */
  async replyTo(id: number): Promise<ReplyEnvelope> {
    return (await this.#next((message) => message.re === id, `reply ${id}`)) as ReplyEnvelope;
  }

  notify(event: string, body: unknown): void {
    this.sendText(JSON.stringify({ v: 1, event, body }));
  }

  /** Waits for a notice, also one that has come already; `where` picks by its body. */
  async notice(
    event: string,
    where: (body: Record<string, unknown>) => boolean = () => true,
  ): Promise<Record<string, unknown>> {
    const matches = (message: Message) =>
      message.event === event && where(message.body as Record<string, unknown>);
    return (await this.#next(matches, event)).body as Record<string, unknown>;
  }

  /** Bodies of the notices of a name that have come and that nobody waited for. */
  inbox(event: string): Array<Record<string, unknown>> {
    return this.#inbox
      .filter((message) => message.event === event)
      .map(({ body }) => body as Record<string, unknown>);
  }

  /** Waits for a request of the server. */
  async serverRequest(verb: string): Promise<unknown> {
    return (await this.#next((message) => message.verb === verb, verb)).body;
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  /** Shows no more life, with the link open: a frozen page. */
  freeze(): void {
    clearInterval(this.#alive);
  }

  /** Breaks the link without a word. */
  cut(): void {
    this.#socket.terminate();
  }

  close(): void {
    clearInterval(this.#alive);
    this.#socket.terminate();
  }

  #keepAlive(reply: ReplyEnvelope): void {
    const { resumeToken, heartbeatMs } = reply.body as { resumeToken: string; heartbeatMs: number };
    this.resumeToken = resumeToken;
    this.#alive = setInterval(() => this.notify('alive', {}), heartbeatMs);
  }

  #handleMessage(message: Message): void {
    if (message.verb !== undefined) {
      this.requests.push({ verb: message.verb, body: message.body });
      const answer = this.onRequest(message.verb, message.body);
      if (answer)
        this.sendText(JSON.stringify({ v: 1, re: message.id, code: 0, message: 'ok', ...answer }));
    }
    const waiter = this.#waiters.find((candidate) => candidate.matches(message));
    if (waiter) waiter.resolve(message);
    else if (message.event !== 'alive') this.#inbox.push(message);
  }

  #next(matches: (message: Message) => boolean, what: string): Promise<Message> {
    const at = this.#inbox.findIndex(matches);
    const [present] = at >= 0 ? this.#inbox.splice(at, 1) : [];
    if (present) return Promise.resolve(present);
    return new Promise((resolve, reject) => {
      const drop = () => {
        clearTimeout(timer);
        this.#waiters = this.#waiters.filter((candidate) => candidate !== waiter);
      };
      const waiter: Waiter = {
        matches,
        resolve: (message) => {
          drop();
          resolve(message);
        },
      };
      const timer = setTimeout(() => {
        drop();
        reject(new Error(`no ${what} came`));
      }, patienceMs);
      this.#waiters.push(waiter);
    });
  }
}
