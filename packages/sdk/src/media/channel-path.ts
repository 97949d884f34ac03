import { type DataChannelLabel, dataChannels } from '@longreach/protocol';
import type { MessagePath, MessagePathHandlers, SendResult } from './message-path.ts';

/** Most bytes that may wait on the reliable channel; more is refused. */
const maxReliableBufferedBytes = 256 * 1024;

/** Messages over data channels, for connections without a datagram m-line. */
export class ChannelPath implements MessagePath {
  readonly #channels = new Map<DataChannelLabel, RTCDataChannel>();

  constructor(peer: RTCPeerConnection, handlers: MessagePathHandlers) {
    for (const label of Object.keys(dataChannels) as DataChannelLabel[]) {
      const channel = peer.createDataChannel(label, dataChannels[label]);
      channel.binaryType = 'arraybuffer';
      channel.onopen = () => handlers.onOpened(label);
      channel.onclose = () => handlers.onClosed(label);
      channel.onmessage = ({ data }) => {
        if (data instanceof ArrayBuffer) handlers.onMessage(label, new Uint8Array(data));
      };
      this.#channels.set(label, channel);
    }
  }

  send(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): SendResult {
    const channel = this.#channels.get(label);
    if (channel?.readyState !== 'open') return 'notOpen';
    const maxBuffered = label === 'command' ? maxReliableBufferedBytes : 0;
    if (channel.bufferedAmount > maxBuffered) return 'buffered';
    channel.send(bytes);
    return 'sent';
  }

  isFree(label: DataChannelLabel): boolean {
    const channel = this.#channels.get(label);
    return channel?.readyState === 'open' && channel.bufferedAmount === 0;
  }

  sendUrgent(label: DataChannelLabel, bytes: Uint8Array<ArrayBuffer>): boolean {
    const channel = this.#channels.get(label);
    if (channel?.readyState !== 'open') return false;
    try {
      channel.send(bytes);
      return true;
    } catch {
      // The browser's own buffer is full; the other paths carry the stop.
      return false;
    }
  }
}
