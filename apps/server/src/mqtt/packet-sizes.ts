/** Bits of a length byte that count; the eighth says that another one follows (MQTT 3.1.1 section 2.2.3). */
const lengthBits = 7;
const maxLengthBytes = 4;

/** Follows the packets in a byte stream of MQTT by their fixed headers, to see a large one before it is read. Pure. */
export class PacketSizes {
  /** Bytes of the present packet that are still to come; undefined while its fixed header is. */
  #missing: number | undefined;
  #lengthBytes: number | undefined;
  #length = 0;

  /** Takes the next bytes; false as soon as a packet is longer than `maxBytes` (without its fixed header) or no packet. */
  accept(chunk: Uint8Array, maxBytes: number): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#missing !== undefined) {
        const taken = Math.min(this.#missing, chunk.length - at);
        at += taken;
        this.#missing -= taken;
        if (this.#missing === 0) this.#missing = undefined;
      } else if (!this.#takeHeaderByte(chunk[at++] ?? 0, maxBytes)) return false;
    }
    return true;
  }

  #takeHeaderByte(byte: number, maxBytes: number): boolean {
    if (this.#lengthBytes === undefined) {
      // The type and its flags.
      this.#lengthBytes = 0;
      this.#length = 0;
      return true;
    }
    this.#length += (byte & 0x7f) << (lengthBits * this.#lengthBytes);
    this.#lengthBytes += 1;
    if (this.#length > maxBytes) return false;
    const isLast = (byte & 0x80) === 0;
    if (!isLast) return this.#lengthBytes < maxLengthBytes;
    this.#lengthBytes = undefined;
    if (this.#length > 0) this.#missing = this.#length;
    return true;
  }
}
