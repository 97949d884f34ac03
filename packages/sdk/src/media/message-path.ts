import type { DataChannelLabel } from '@longreach/protocol';

/** What became of a message that was to be sent. */
export type SendResult = 'sent' | 'notOpen' | 'buffered';

/** The way of a connection's messages to the media worker. */
export type MessagePath = {
  /** Sends a message. One that may get lost is dropped when anything is still buffered: freshness first. */
  send(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): SendResult;
  /** Whether a message that may get lost would leave at once. */
  isFree(label: DataChannelLabel): boolean;
  /** Sends past everything that is still buffered: for an emergency stop only. */
  sendUrgent(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): boolean;
};

export type MessagePathHandlers = {
  onOpened: (label: DataChannelLabel) => void;
  /** The other side closed it, or it gave up. */
  onClosed: (label: DataChannelLabel) => void;
  onMessage: (label: DataChannelLabel, bytes: Uint8Array) => void;
};
