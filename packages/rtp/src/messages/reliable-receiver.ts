import { readU32, writeU32 } from '../big-endian.ts';
import { timestampDistance } from '../sequence-number.ts';
import { fragmentHeaderBytes, windowFragments } from './reliable-sender.ts';

/** Longest message, bytes; a longer one is refused, or dropped whole when it comes all the same. */
export const maxMessageBytes = 64 * 1024;

/** The receiving side of messages that must arrive: whole, once, and in order. */
export class ReliableReceiver {
  readonly #onMessage: (label: number, bytes: Uint8Array) => void;
  readonly #early = new Map<number, Uint8Array>();
  #next = 0;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(onMessage: (label: number, bytes: Uint8Array) => void) {
    this.#onMessage = onMessage;
  }

  /** Takes a fragment; the acknowledgement that is to be answered with, undefined for nonsense. */
  handleFragment(label: number, body: Uint8Array): Uint8Array | undefined {
    if (body.length < fragmentHeaderBytes) return undefined;
    const number = readU32(body, 0);
    const ahead = timestampDistance(this.#next, number);
    if (ahead >= windowFragments) return undefined;
    if (ahead > 0 && !this.#early.has(number)) {
      const kept = new Uint8Array(body.length + 1);
      kept[0] = label;
      kept.set(body, 1);
      this.#early.set(number, kept);
    }
    if (ahead === 0) this.#take(label, Uint8Array.prototype.slice.call(body));
    for (let early = this.#takeEarly(); early; early = this.#takeEarly()) {
      this.#take(early[0] as number, early.subarray(1));
    }
    return this.#acknowledgement();
  }

  #takeEarly(): Uint8Array | undefined {
    const early = this.#early.get(this.#next);
    this.#early.delete(this.#next);
    return early;
  }

  #take(label: number, body: Uint8Array): void {
    this.#next = (this.#next + 1) >>> 0;
    this.#bytes += body.length - fragmentHeaderBytes;
    if (this.#bytes <= maxMessageBytes) this.#parts.push(body.subarray(fragmentHeaderBytes));
    else this.#parts = [];
    if (body[4] === 0) return;
    const [parts, bytes] = [this.#parts, this.#bytes];
    [this.#parts, this.#bytes] = [[], 0];
    if (bytes <= maxMessageBytes) this.#onMessage(label, joined(parts, bytes));
  }

  #acknowledgement(): Uint8Array {
    const body = new Uint8Array(8);
    writeU32(body, 0, this.#next);
    let after = 0;
    for (const number of this.#early.keys()) {
      after |= 1 << (timestampDistance(this.#next, number) - 1);
    }
    writeU32(body, 4, after);
    return body;
  }
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
