import type { LinkTransportHandlers } from '../../apps/agent/src/publish/link-transport.ts';
import type { LinkTransport as ServerTransport } from '../../apps/server/src/signaling/link-transport.ts';
import { maxReadBytes } from '../../apps/server/src/signaling/signaling-server.ts';
import type { ServerEnds } from './link-ends.ts';

/** A link within this process: what every link has to be, with nothing in between. */
export function openMemoryLink(
  ends: ServerEnds,
  path: MemoryPath,
  handlers: LinkTransportHandlers,
) {
  const link = new MemoryLink(handlers, path);
  path.links.add(link);
  // A link is never open before whoever opened it has it in hand.
  setTimeout(() => link.open(ends), 0);
  return link.client;
}

/** The network of memory links. */
export class MemoryPath {
  readonly links = new Set<MemoryLink>();
  #isCut = false;
  #held: Array<() => void> = [];

  /** Lets something arrive: soon, or when the path is whole again. */
  carry(act: () => void): void {
    setTimeout(() => (this.#isCut ? this.#held.push(act) : act()), 0);
  }

  cut(): void {
    this.#isCut = true;
  }

  restore(): void {
    this.#isCut = false;
    for (const act of this.#held.splice(0)) act();
  }

  drop(): void {
    for (const link of [...this.links]) link.end('the network broke');
  }
}

class MemoryLink {
  readonly client;
  readonly #handlers: LinkTransportHandlers;
  readonly #path: MemoryPath;
  #receiver:
    | { handleMessage(data: Uint8Array, isBinary: boolean): void; handleClosed(): void }
    | undefined;
  #isOpen = false;
  #isClientClosed = false;

  constructor(handlers: LinkTransportHandlers, path: MemoryPath) {
    this.#handlers = handlers;
    this.#path = path;
    const close = () => {
      this.#isClientClosed = true;
      this.#path.carry(() => this.#endServer());
    };
    this.client = {
      bufferedBytes: 0,
      send: (text: string) => this.#sendToServer(text),
      close,
      terminate: close,
    };
  }

  open(ends: ServerEnds): void {
    if (this.#isClientClosed) return;
    this.#isOpen = true;
    const transport: ServerTransport = {
      address: 'memory',
      deviceId: undefined,
      bufferedBytes: 0,
      send: (text) => this.#path.carry(() => this.#isClientClosed || this.#handlers.onText(text)),
      close: (_code, reason) => this.#path.carry(() => this.end(reason)),
    };
    this.#receiver = ends.open(transport);
    this.#handlers.onOpened();
  }

  /** Ends both sides. */
  end(reason: string): void {
    if (!this.#isClientClosed) {
      this.#isClientClosed = true;
      this.#handlers.onClosed(reason);
    }
    this.#endServer();
  }

  #sendToServer(text: string): boolean {
    if (!this.#isOpen || this.#isClientClosed) return false;
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > maxReadBytes) this.#path.carry(() => this.end('too large'));
    else this.#path.carry(() => this.#receiver?.handleMessage(bytes, false));
    return true;
  }

  #endServer(): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#isOpen = false;
    this.#path.links.delete(this);
    receiver?.handleClosed();
  }
}
