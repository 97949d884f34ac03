import { readU32, writeU32 } from '../big-endian.ts';
import { timestampDistance } from '../sequence-number.ts';

/** Number (32 bits) and whether the message ends here. */
export const fragmentHeaderBytes = 5;
const maxFragmentBytes = 1_000;
/** Fragments that may be on the way at once; the other side keeps as many that came too early. */
export const windowFragments = 32;
/** Beyond the round trip until an answer counts as lost, and what is taken for an unknown one, µs. */
const graceUs = 10_000;
const unknownRoundTripUs = 90_000;
/** Waits grow after so many attempts, up to this, µs. */
const patientAttempts = 8;
const mostWaitUs = 250_000;

type Fragment = {
  number: number;
  label: number;
  body: Uint8Array;
  /** Of the message that it is a part of. */
  bytes: number;
  attempts: number;
  dueUs: number;
};

/** The sending side of messages that must arrive, in order: fragments that are sent until they are acknowledged. */
export class ReliableSender {
  readonly #queue: Fragment[] = [];
  #roundTripUs = unknownRoundTripUs;
  #nextNumber = 0;
  #waitingBytes = 0;

  /** Bytes that are not acknowledged yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  setRoundTripUs(roundTripUs: number): void {
    this.#roundTripUs = roundTripUs;
  }

  /** Takes a message of any length. */
  push(label: number, message: Uint8Array, nowUs: number): void {
    let from = 0;
    do {
      const part = message.subarray(from, from + maxFragmentBytes);
      from += part.length;
      const body = new Uint8Array(fragmentHeaderBytes + part.length);
      writeU32(body, 0, this.#nextNumber);
      body[4] = from < message.length ? 0 : 1;
      body.set(part, fragmentHeaderBytes);
      const bytes = part.length;
      this.#queue.push({
        ...{ number: this.#nextNumber, label, body, bytes },
        ...{ attempts: 0, dueUs: nowUs },
      });
      this.#waitingBytes += bytes;
      this.#nextNumber = (this.#nextNumber + 1) >>> 0;
    } while (from < message.length);
  }

  /** Gives what is to be sent now to `send`. */
  sendDue(nowUs: number, send: (label: number, body: Uint8Array) => void): void {
    for (const fragment of this.#queue.slice(0, windowFragments)) {
      if (fragment.dueUs > nowUs) continue;
      fragment.attempts++;
      fragment.dueUs = nowUs + this.#waitUs(fragment.attempts);
      send(fragment.label, fragment.body);
    }
  }

  /** When `sendDue` has something to do, µs; infinite for never. */
  get nextDueUs(): number {
    let dueUs = Number.POSITIVE_INFINITY;
    const inFlight = Math.min(windowFragments, this.#queue.length);
    for (let i = 0; i < inFlight; i++) dueUs = Math.min(dueUs, this.#queue[i]?.dueUs ?? dueUs);
    return dueUs;
  }

  /** Takes an acknowledgement: all before a number, and those of the 32 after it whose bit is set. */
  handleAcknowledgement(body: Uint8Array): void {
    if (body.length < 8) return;
    const [next, after] = [readU32(body, 0), readU32(body, 4)];
    const isAcknowledged = ({ number }: Fragment) => {
      const distance = timestampDistance(next, number);
      if (distance < 0) return true;
      return distance >= 1 && distance <= 32 && ((after >>> (distance - 1)) & 1) === 1;
    };
    // Nobody can acknowledge what was never sent.
    for (let i = Math.min(windowFragments, this.#queue.length) - 1; i >= 0; i--) {
      const fragment = this.#queue[i] as Fragment;
      if (fragment.attempts === 0 || !isAcknowledged(fragment)) continue;
      this.#waitingBytes -= fragment.bytes;
      this.#queue.splice(i, 1);
    }
  }

  #waitUs(attempts: number): number {
    const waitUs = this.#roundTripUs + graceUs;
    const growth = 2 ** Math.max(0, attempts - patientAttempts);
    return Math.min(Math.max(waitUs, mostWaitUs), waitUs * growth);
  }
}
