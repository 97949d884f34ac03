import { Duplex } from 'node:stream';
import { PacketSizes } from './packet-sizes.ts';

/** A peer's byte stream that breaks at the first packet above a limit: the broker itself would collect 256 MB. */
export class LimitedStream extends Duplex {
  /** Longest packet from now on, bytes. */
  maxPacketBytes: number;
  readonly #inner: Duplex;
  readonly #sizes = new PacketSizes();

  constructor(inner: Duplex, maxPacketBytes: number) {
    super({ allowHalfOpen: false });
    this.#inner = inner;
    this.maxPacketBytes = maxPacketBytes;
    inner.on('data', (chunk: Buffer) => this.#take(chunk));
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.#inner.write(chunk, done);
  }

  /** The broker writes a packet in pieces; on a WebSocket each would be a frame. */
  override _writev(pieces: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    this.#inner.write(Buffer.concat(pieces.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#inner.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inner.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return;
    if (!this.#sizes.accept(chunk, this.maxPacketBytes)) {
      this.destroy(new Error(`a packet is longer than ${this.maxPacketBytes} bytes, or none`));
    } else if (!this.push(chunk)) this.#inner.pause();
  }
}
