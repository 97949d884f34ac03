import { TokenBucket } from '@longreach/kit';
import {
  CommandKind,
  commandHeaderBytes,
  hasToken,
  type Lease,
  RefusalCode,
  readCommandEpoch,
  readCommandKind,
  tokenBytes,
} from '@longreach/protocol';
import type { WorkerOptions } from './worker-channel.ts';

/** Seconds of the steady rate that a sender may burst. */
const burstSeconds = 0.25;

/** The lease of a room as the worker mirrors it: raw, so that a check allocates nothing. */
export class LeaseMirror {
  epoch = 0;
  masterId: string | null = null;
  token: Uint8Array | undefined;

  /** Takes the lease as the machine decided it. */
  update(lease: Lease): void {
    this.epoch = lease.epoch;
    this.masterId = lease.masterId;
    this.token = lease.token === undefined ? undefined : tokenBytes(lease.token);
  }
}

/**
 * The server's check of one sender's command frames, before the machine's own: only the master's frames of the
 * present lease pass, in size and rate. An emergency stop passes from anybody, at any rate.
 */
export class CommandGate {
  readonly #lease: LeaseMirror;
  readonly #senderId: string;
  readonly #limits: WorkerOptions['limits'];
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(lease: LeaseMirror, senderId: string, limits: WorkerOptions['limits']) {
    this.#lease = lease;
    this.#senderId = senderId;
    this.#limits = limits;
    this.#messages = new TokenBucket({
      perSecond: limits.messagesPerSecond,
      capacity: Math.max(1, limits.messagesPerSecond * burstSeconds),
    });
    this.#bytes = new TokenBucket({
      perSecond: limits.bytesPerSecond,
      capacity: Math.max(limits.reliablePayloadBytes, limits.bytesPerSecond * burstSeconds),
    });
  }

  /** Why the frame must not pass, or `RefusalCode.None`. `nowUs`: the worker's clock. */
  check(frame: Uint8Array, reliable: boolean, nowUs: number): RefusalCode {
    const kind = readCommandKind(frame);
    if (kind === undefined) return RefusalCode.Malformed;
    if (kind === CommandKind.emergencyStop) {
      return frame.length === commandHeaderBytes ? RefusalCode.None : RefusalCode.Malformed;
    }
    const payloadBytes = frame.length - commandHeaderBytes;
    const maxBytes = reliable
      ? this.#limits.reliablePayloadBytes
      : this.#limits.unreliablePayloadBytes;
    if (payloadBytes > maxBytes) return RefusalCode.TooLarge;
    if (!this.#messages.take(1, nowUs) || !this.#bytes.take(payloadBytes, nowUs)) {
      return RefusalCode.TooOften;
    }
    return this.#checkLease(frame);
  }

  #checkLease(frame: Uint8Array): RefusalCode {
    const { masterId, token, epoch } = this.#lease;
    if (masterId === null || token === undefined || masterId !== this.#senderId) {
      return RefusalCode.NotMaster;
    }
    if (readCommandEpoch(frame) !== epoch) return RefusalCode.OldEpoch;
    return hasToken(frame, token) ? RefusalCode.None : RefusalCode.WrongToken;
  }
}
