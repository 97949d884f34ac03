import { type CommandHeader, encodeCommand, noToken } from '@longreach/protocol';
import type { DriveInput } from '../api.ts';

/** How long after arrival each kind of frame may still act, ms. */
const ttl = { driveMs: 300, opaqueMs: 300, reliableMs: 2000, emergencyMs: 5000 } as const;

/** Sequences have 32 bits; with room to count on for a month at 1,000 frames a second. */
const maxSequence = 2 ** 31;

type Held = { epoch: number; token: string };
type Bytes = Uint8Array<ArrayBuffer>;
/** The picture that the operator acts on, and when the input was sampled (Unix time, ms). */
export type CommandBasis = { captureTimeUs: number; inputTimeMs: number };

/**
 * Makes command frames. The sequence counts each frame of one lease; it begins at the time of the first one (ms), so
 * that a page that was loaded again, and got its lease back, is ahead of what it sent before. Pure.
 */
export class CommandBuilder {
  #epoch: number | undefined;
  #sequence = 0;
  #emergencySequence = 0;

  /** Absolute set-points. Throws RangeError on an axis outside −1 to 1. */
  drive(held: Held, basis: CommandBasis, input: DriveInput): Bytes {
    const header = this.#header(held, basis, ttl.driveMs);
    const { axes, buttons = 0 } = input;
    return this.#counted(encodeCommand({ ...header, kind: 'drive', axes, buttons }));
  }

  /** An application's own bytes. */
  opaque(held: Held, basis: CommandBasis, payload: Uint8Array, qos: 0 | 1): Bytes {
    const ttlMs = qos === 1 ? ttl.reliableMs : ttl.opaqueMs;
    const header = this.#header(held, basis, ttlMs);
    return this.#counted(encodeCommand({ ...header, kind: 'opaque', payload }));
  }

  /** Permits motion again. */
  rearm(held: Held, basis: CommandBasis): Bytes {
    const header = this.#header(held, basis, ttl.reliableMs);
    return this.#counted(encodeCommand({ ...header, kind: 'rearm' }));
  }

  /** A stop that needs no lease. */
  emergencyStop(basis: CommandBasis): Bytes {
    this.#emergencySequence++;
    return encodeCommand({
      ...basis,
      kind: 'emergencyStop',
      sequence: this.#emergencySequence,
      epoch: 0,
      token: noToken,
      ttlMs: ttl.emergencyMs,
    });
  }

  #header(held: Held, basis: CommandBasis, ttlMs: number): CommandHeader {
    if (this.#epoch !== held.epoch) {
      this.#epoch = held.epoch;
      this.#sequence = Math.floor(basis.inputTimeMs) % maxSequence;
    }
    return { ...held, ...basis, sequence: this.#sequence + 1, ttlMs };
  }

  /** Only a frame that could be encoded uses up its number. */
  #counted(bytes: Bytes): Bytes {
    this.#sequence++;
    return bytes;
  }
}
