import { once } from 'node:events';
import { WebSocket } from 'ws';

type BidiReply = { id?: number; type?: string; result?: unknown; error?: string; message?: string };
type Waiting = { resolve: (result: unknown) => void; reject: (error: Error) => void };

/** A page under WebDriver BiDi (https://w3c.github.io/webdriver-bidi/). */
export class BidiSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #context = '';

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#handle(JSON.parse(String(data)) as BidiReply));
    socket.on('close', () => this.#failAll());
  }

  /** Opens a session at the endpoint that the browser printed. */
  static async open(url: string): Promise<BidiSession> {
    const socket = new WebSocket(`${url}/session`);
    await once(socket, 'open');
    const session = new BidiSession(socket);
    await session.#send('session.new', { capabilities: {} });
    const tree = await session.#send('browsingContext.getTree', { maxDepth: 0 });
    const [context] = (tree as { contexts: Array<{ context: string }> }).contexts;
    session.#context = context?.context ?? '';
    return session;
  }

  /** Resolves when the page has loaded. */
  async goto(url: string): Promise<void> {
    await this.#send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  /** Value of an expression in the page, awaited, by way of JSON. Rejects with what the page threw. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const reply = (await this.#send('script.evaluate', {
      expression: `(async () => JSON.stringify(await (${expression})) ?? 'null')()`,
      target: { context: this.#context },
      awaitPromise: true,
    })) as { type: string; result?: { value: string }; exceptionDetails?: { text: string } };
    if (reply.type !== 'success') throw new Error(reply.exceptionDetails?.text ?? 'no answer');
    return JSON.parse(reply.result?.value ?? 'null') as Value;
  }

  /** Ends the session; the browser goes on. Idempotent. */
  close(): void {
    this.#socket.terminate();
  }

  #send(method: string, params: object): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) {
        reject(new Error('the browser is gone'));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #handle({ id, result, error, message }: BidiReply): void {
    const waiting = this.#waiting.get(id ?? -1);
    if (id === undefined || !waiting) return;
    this.#waiting.delete(id);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(new Error(`${error}: ${message}`));
  }

  #failAll(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the browser is gone'));
    this.#waiting.clear();
  }
}
