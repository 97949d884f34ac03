import {
  canonicalHeaderBytes,
  isCanonical,
  type RecoveredPacket,
  readTimestamp,
} from '@longreach/rtp';

/** Frames whose header is remembered; parity that comes later recovers nothing in time. */
const remembered = 32;

/** The headers of parity packets by frame: a recovered packet gets its frame's capture time from there. */
export class ParityHeaders {
  readonly #timestamps = new Float64Array(remembered).fill(-1);
  readonly #headers = Buffer.alloc(remembered * canonicalHeaderBytes);
  #next = 0;

  /** Remembers the header of a canonical parity packet. */
  remember(packet: Uint8Array): void {
    const timestamp = readTimestamp(packet);
    if (this.#timestamps.includes(timestamp)) return;
    this.#timestamps[this.#next] = timestamp;
    const header = packet.subarray(0, canonicalHeaderBytes);
    this.#headers.set(header, this.#next * canonicalHeaderBytes);
    this.#next = (this.#next + 1) % remembered;
  }

  /**
   * The canonical packet of a recovered one, whose payload has room for a header before it, as the publisher sent it
   * under this payload type and SSRC; undefined when no parity of its frame is known.
   */
  restore(
    recovered: RecoveredPacket,
    stream: { payloadType: number; ssrc: number },
  ): Buffer | undefined {
    const { payload, sequence, timestamp, marker } = recovered;
    if (payload.byteOffset < canonicalHeaderBytes) return undefined;
    const packet = Buffer.from(
      payload.buffer as ArrayBuffer,
      payload.byteOffset - canonicalHeaderBytes,
      canonicalHeaderBytes + payload.length,
    );
    const place = this.#timestamps.indexOf(timestamp);
    if (place >= 0) {
      const from = place * canonicalHeaderBytes;
      this.#headers.copy(packet, 0, from, from + canonicalHeaderBytes);
    } else if (!isCanonical(packet)) return undefined;
    packet[1] = (marker ? 0x80 : 0) | stream.payloadType;
    packet.writeUInt16BE(sequence, 2);
    packet.writeUInt32BE(timestamp, 4);
    packet.writeUInt32BE(stream.ssrc, 8);
    return packet;
  }
}
