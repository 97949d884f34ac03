import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Lease, RefusalCode } from '@longreach/protocol';
import {
  encodeLocalFrame,
  LocalFrame,
  LocalFrameReader,
} from '../../apps/agent/src/local/framing.ts';
import {
  type GuardStatus,
  guardNoticeSchema,
  guardStatusSchema,
} from '../../apps/agent/src/local/messages.ts';
import {
  decodeReleasedCommand,
  type ReleasedCommand,
} from '../../apps/agent/src/local/released-command.ts';

/** A connection of a test's own to a machine's `guard.sock`. */
export class GuardLink {
  /** Everything that was released since this link is up. Observers only. */
  readonly released: ReleasedCommand[] = [];
  /** Why commands were refused since this link is up. */
  readonly refusals = new Set<RefusalCode>();
  #status: GuardStatus | undefined;
  #lease: Lease | undefined;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new LocalFrameReader((type, payload) => this.#take(type, payload));
    socket.on('data', (chunk) => reader.push(chunk));
    socket.on('error', () => {});
  }

  /** Connects as this role. A transport is told the lease's token and may send command frames. */
  static async connect(runtimeDir: string, role: 'observer' | 'transport'): Promise<GuardLink> {
    const socket = createConnection(join(runtimeDir, 'guard.sock'));
    await once(socket, 'connect');
    const link = new GuardLink(socket);
    link.#send(LocalFrame.json, Buffer.from(JSON.stringify({ hello: role })));
    return link;
  }

  get status(): GuardStatus | undefined {
    return this.#status;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** Hands the guard bytes as a command frame from the network. */
  sendCommand(frame: Uint8Array): void {
    this.#send(LocalFrame.command, frame);
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(type: LocalFrame, payload: Uint8Array): void {
    this.#socket.write(encodeLocalFrame(type, payload));
  }

  #take(type: number, payload: Buffer): void {
    if (type === LocalFrame.released) {
      const command = decodeReleasedCommand(payload);
      if (command) this.released.push(command);
    } else if (type === LocalFrame.guardStatus) {
      const status = guardStatusSchema.parse(JSON.parse(payload.toString()));
      if (status.refused > (this.#status?.refused ?? status.refused)) {
        this.refusals.add(status.lastRefusal as RefusalCode);
      }
      this.#status = status;
    } else if (type === LocalFrame.json) {
      this.#lease = guardNoticeSchema.parse(JSON.parse(payload.toString())).lease;
    }
  }
}
