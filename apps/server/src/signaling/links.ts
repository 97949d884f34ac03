import { SignalingConnection } from './connection.ts';
import { PeerLink } from './link.ts';
import type { LinkReceiver, LinkTransport } from './link-transport.ts';
import type { Services } from './services.ts';

/** Where transports bring new links. */
export type LinkHost = Pick<Links, 'reserve' | 'open'>;

/** All signaling links, whatever carries them, and the limit of those that have not logged in. */
export class Links {
  readonly #services: Services;
  readonly #connections = new Set<SignalingConnection>();
  #reserved = 0;

  constructor(services: Services) {
    this.#services = services;
  }

  /**
   * Keeps a place for a link whose transport is still being opened; call the result, twice does nothing, once there is
   * a link in its stead or none will come. Undefined when too many peers have not logged in already.
   */
  reserve(): (() => void) | undefined {
    const { anonymousConnections } = this.#services.config.limits;
    const anonymous = [...this.#connections].filter((connection) => connection.isAnonymous).length;
    if (anonymous + this.#reserved >= anonymousConnections) return undefined;
    this.#reserved += 1;
    let isHeld = true;
    return () => {
      if (isHeld) this.#reserved -= 1;
      isHeld = false;
    };
  }

  /** Takes a new link; its transport hands what comes in to the receiver. */
  open(transport: LinkTransport): LinkReceiver {
    const link = new PeerLink(transport, this.#services.config.timings.machineReplyMs);
    const connection = new SignalingConnection(link, this.#services);
    this.#connections.add(connection);
    return {
      handleMessage: (data, isBinary) => connection.handleMessage(data, isBinary),
      handleClosed: () => {
        this.#connections.delete(connection);
        connection.handleClosed();
      },
    };
  }
}
