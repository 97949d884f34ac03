import type { LongreachError } from '@longreach/kit';

/** What signaling needs of whatever carries it: a WebSocket, or MQTT. */
export type LinkTransport = {
  /** Bytes handed over that the network has not taken yet. */
  readonly bufferedBytes: number;
  /** False when there is nothing to send over. */
  send(text: string): boolean;
  /** Ends it politely; nothing is told any more. Idempotent. */
  close(): void;
  /** Ends it at once, without a goodbye, as the other side may be gone; nothing is told any more. Idempotent. */
  terminate(): void;
};

/** What a transport tells; after `onClosed` it tells nothing more. */
export type LinkTransportHandlers = {
  onOpened(): void;
  onText(text: string): void;
  /** `refusal`: the other side said why it does not let us in. */
  onClosed(reason: string, refusal?: LongreachError): void;
};

/** Opens a transport to the server; it never connects again. */
export type OpenLinkTransport = (handlers: LinkTransportHandlers) => LinkTransport;
