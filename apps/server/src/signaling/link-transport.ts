import type { DeviceId } from '@longreach/protocol';

/** What a link needs of whatever carries it: a WebSocket, or MQTT. */
export type LinkTransport = {
  /** Network address of the peer. */
  readonly address: string;
  /** Device that the transport itself has authenticated; undefined where that is left to the login. */
  readonly deviceId: DeviceId | undefined;
  /** Bytes handed over that the network has not taken yet. */
  readonly bufferedBytes: number;
  send(text: string): void;
  /** Tells the peer code and reason, and cuts the transport when the peer does not close it. */
  close(code: number, reason: string): void;
};

/** Where a transport brings what comes from its peer. */
export type LinkReceiver = {
  /** Never throws for what a peer may send. */
  handleMessage(data: Uint8Array, isBinary: boolean): void;
  /** The transport is gone; the last call. */
  handleClosed(): void;
};
