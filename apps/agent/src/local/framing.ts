/**
 * Framing of the machine's local sockets: u32 length (big-endian, of what follows), u8 type, payload.
 * The sockets lie in a directory that only this user may enter; that is their authentication.
 */

/** Type byte of a local frame. */
export const LocalFrame = {
  /** JSON text, schema by socket. */
  json: 1,
  /** One encoded frame, see `encoded-frame.ts`. */
  encodedFrame: 2,
  /** A command frame as it came from the network. */
  command: 3,
  /** A command that the guard released, see `released-command.ts`. */
  released: 4,
  /** Vehicle state, see `vehicle-state.ts`. */
  vehicleState: 5,
  /** Guard status, see `guard-status.ts`. */
  guardStatus: 6,
} as const;
export type LocalFrame = (typeof LocalFrame)[keyof typeof LocalFrame];

/** Largest frame, bytes: a key frame of 4K video fits. */
export const maxLocalFrameBytes = 8 * 1024 * 1024;

const headerBytes = 5;

/** One frame as bytes, ready to write. */
export function encodeLocalFrame(type: LocalFrame, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.writeUInt32BE(1 + payload.length, 0);
  frame[4] = type;
  frame.set(payload, headerBytes);
  return frame;
}

/** The value of a JSON frame's payload, or undefined when it is none. */
export function readJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Puts frames together from the chunks of a stream. Throws RangeError on a length that no frame may have. */
export class LocalFrameReader {
  #pending: Buffer = Buffer.alloc(0);
  readonly #onFrame: (type: number, payload: Buffer) => void;
  readonly #maxFrameBytes: number;

  /** `maxFrameBytes`: largest frame that this reader's peer may send. Default `maxLocalFrameBytes`. */
  constructor(
    onFrame: (type: number, payload: Buffer) => void,
    maxFrameBytes = maxLocalFrameBytes,
  ) {
    this.#onFrame = onFrame;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Takes the next chunk; calls back once for each frame that is now whole. */
  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= headerBytes) {
      const length = this.#pending.readUInt32BE(0);
      if (length < 1 || length > this.#maxFrameBytes) {
        throw new RangeError(`a local frame of ${length} bytes is not allowed`);
      }
      if (this.#pending.length < 4 + length) return;
      const frame = this.#pending.subarray(0, 4 + length);
      this.#pending = this.#pending.subarray(4 + length);
      this.#onFrame(frame[4] as number, frame.subarray(headerBytes));
    }
  }
}
