import { join } from 'node:path';
import { encodeLocalFrame, LocalFrame } from '../../../apps/agent/src/local/framing.ts';
import {
  decodeReleasedCommand,
  type ReleasedCommand,
} from '../../../apps/agent/src/local/released-command.ts';
import { LocalLink } from '../../../apps/agent/src/simulator/local-link.ts';

/** Reads along what the guard orders, from its own socket. */
export class ReleaseObserver {
  /** Operator's drive commands in the order of their release. */
  readonly released: ReleasedCommand[] = [];
  readonly #link: LocalLink;

  constructor(runtimeDir: string) {
    this.#link = new LocalLink(join(runtimeDir, 'guard.sock'), {
      onConnect: () => {
        const hello = Buffer.from(JSON.stringify({ hello: 'observer' }));
        this.#link.send(encodeLocalFrame(LocalFrame.json, hello));
      },
      onFrame: (type, payload) => {
        const command = type === LocalFrame.released ? decodeReleasedCommand(payload) : undefined;
        if (command && command.mode !== 'opaque' && command.sequence > 0) {
          this.released.push(command);
        }
      },
    });
  }

  close(): void {
    this.#link.close();
  }
}
