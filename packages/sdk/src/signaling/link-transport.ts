import type { LongreachError } from '@longreach/kit';

/** What the link needs of whatever carries it: a WebSocket, or MQTT. */
export type LinkTransport = {
  /** False when there is nothing to send over. */
  send(text: string): boolean;
  /** Ends it; nothing is told any more. Idempotent. */
  close(): void;
};

/** What a transport tells; after `onClosed` it tells nothing more. */
export type LinkTransportHandlers = {
  onOpened(): void;
  onMessage(data: unknown): void;
  /** `refusal`: the other side said why it does not let us in. */
  onClosed(reason: string, refusal?: LongreachError): void;
};

/** Who opens a transport; one that authenticates by itself shows this. */
export type LinkIdentity = { deviceId: string; secret: string };

/** Opens a transport to `url`. Throws what the browser throws for a URL that is none. */
export type OpenLinkTransport = (
  url: string,
  handlers: LinkTransportHandlers,
  identity: LinkIdentity,
) => LinkTransport;
