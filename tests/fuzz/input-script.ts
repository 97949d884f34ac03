/**
 * Reads an input as a script for a core that takes many packets: small numbers first, the packets' bytes as
 * they come. Past the end everything is 0, so that every input is a valid script.
 */
export class InputScript {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  u8(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  u16(): number {
    return (this.u8() << 8) | this.u8();
  }

  u32(): number {
    return this.u16() * 65_536 + this.u16();
  }

  /** The next `count` bytes, fewer at the end; a copy, as a core may keep it. */
  bytes(count: number): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}

/** The bytes of a script: numbers become bytes, lists of bytes stay. */
export function scriptOf(...parts: (number | Uint8Array)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)));
}
