import { type DataChannelLabel, dataChannels } from '@longreach/protocol';
import { maxReliableBytes } from '@longreach/rtp/receive';
import type { MessagePath, MessagePathHandlers, SendResult } from '../media/message-path.ts';

/** Messages inside the datagram m-line: the page's part, the worker's is `worker-messages.ts`. */
export class DatagramPath implements MessagePath {
  /** Many round trips over the m-line fail, as the worker sees it. */
  isLossy = false;
  readonly #handlers: MessagePathHandlers;
  readonly #post: (label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>) => void;
  #isAnswered = false;
  #isConnected = false;
  #isClosed = false;
  #waitingBytes = 0;

  /** `post` hands a message to the worker. */
  constructor(
    handlers: MessagePathHandlers,
    post: (label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>) => void,
  ) {
    this.#handlers = handlers;
    this.#post = post;
  }

  /** The server takes messages inside the m-line. */
  handleAnswered(): void {
    this.#isAnswered = true;
    this.#openWhenReady();
  }

  handleState(state: RTCPeerConnectionState): void {
    if (state === 'connected' && !this.#isConnected) {
      this.#isConnected = true;
      this.#openWhenReady();
    }
    if (state === 'failed' || state === 'closed') this.#isClosed = true;
  }

  handleMessage(label: DataChannelLabel, bytes: Uint8Array): void {
    this.#handlers.onMessage(label, bytes);
  }

  /** So many bytes on the reliable way are not acknowledged yet. */
  handleWaiting(bytes: number): void {
    this.#waitingBytes = bytes;
  }

  send(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): SendResult {
    if (!this.#isOpen) return 'notOpen';
    if (label === 'command') {
      if (this.#waitingBytes + bytes.length > maxReliableBytes) return 'buffered';
      this.#waitingBytes += bytes.length;
    }
    this.#post(label, bytes);
    return 'sent';
  }

  /** Nothing is buffered that a newer message would have to wait for. */
  isFree(): boolean {
    return this.#isOpen;
  }

  sendUrgent(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): boolean {
    if (!this.#isOpen) return false;
    this.#post(label, bytes);
    return true;
  }

  get #isOpen(): boolean {
    return this.#isAnswered && this.#isConnected && !this.#isClosed;
  }

  #openWhenReady(): void {
    if (!this.#isAnswered || !this.#isConnected) return;
    for (const label of Object.keys(dataChannels))
      this.#handlers.onOpened(label as DataChannelLabel);
  }
}
