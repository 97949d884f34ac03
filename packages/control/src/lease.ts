import { assertInvariant, LongreachError } from '@longreach/kit';
import { noToken } from '@longreach/protocol';
import { ControlErrorCode } from './errors.ts';

/** How a machine's lease starts. */
export type MasterLeaseOptions = {
  /** Newest epoch in persistent storage; the lease starts, free, at the one after it. */
  persistedEpoch: number;
  /** Whether a held lease goes to whoever asks, as in the reference. Default false. */
  lastRequesterWins?: boolean;
};

/** Who holds the lease now, and why it is so. */
export type LeaseState = {
  epoch: number;
  masterId: string | null;
  /** 16 hexadecimal digits; null while nobody holds it. */
  token: string | null;
  reason: 'granted' | 'released' | 'left' | 'revoked' | 'restarted';
};

/** What came of a call: the lease as it is now, whether it changed, and whether the caller got what it asked for. */
export type LeaseAnswer = { lease: LeaseState; changed: boolean; refusal?: 'held' };

/** Largest epoch on the wire. */
const maxEpoch = 0xffffffff;

/** The right to control one machine: at most one master, an epoch that only grows. Pure; rules in SPEC.md. */
export class MasterLease {
  readonly #lastRequesterWins: boolean;
  #state: LeaseState;

  constructor(options: MasterLeaseOptions) {
    this.#lastRequesterWins = options.lastRequesterWins ?? false;
    const epoch = epochAfter(options.persistedEpoch);
    this.#state = { epoch, masterId: null, token: null, reason: 'restarted' };
  }

  /** The lease as it is now. */
  get state(): Readonly<LeaseState> {
    return this.#state;
  }

  /** `remoteId` asks to be master; `token` (8 random bytes, hexadecimal) becomes the lease's if it is granted. */
  handleRequest(remoteId: string, token: string): LeaseAnswer {
    assertInvariant(/^[0-9a-f]{16}$/.test(token) && token !== noToken, 'a token is 8 random bytes');
    const { masterId } = this.#state;
    if (masterId === remoteId) return { lease: this.#state, changed: false };
    if (masterId !== null && !this.#lastRequesterWins) {
      return { lease: this.#state, changed: false, refusal: 'held' };
    }
    // A lease whose end could not be told by a new epoch is not given.
    epochAfter(this.#state.epoch + 1);
    return this.#change(remoteId, token, 'granted');
  }

  /** `remoteId` gives the lease back; nothing happens unless it is the master. */
  handleRelease(remoteId: string): LeaseAnswer {
    return this.#end(remoteId, 'released');
  }

  /** `remoteId` is gone for good; nothing happens unless it was the master. */
  handleRemoteLeft(remoteId: string): LeaseAnswer {
    return this.#end(remoteId, 'left');
  }

  /** The machine takes the lease back from whoever holds it. */
  handleRevoke(): LeaseAnswer {
    return this.#end(this.#state.masterId, 'revoked');
  }

  #end(remoteId: string | null, reason: LeaseState['reason']): LeaseAnswer {
    if (remoteId === null || this.#state.masterId !== remoteId) {
      return { lease: this.#state, changed: false };
    }
    return this.#change(null, null, reason);
  }

  #change(
    masterId: string | null,
    token: string | null,
    reason: LeaseState['reason'],
  ): LeaseAnswer {
    this.#state = { epoch: epochAfter(this.#state.epoch), masterId, token, reason };
    return { lease: this.#state, changed: true };
  }
}

function epochAfter(epoch: number): number {
  assertInvariant(Number.isInteger(epoch) && epoch >= 0, 'an epoch is a whole number');
  if (epoch >= maxEpoch) {
    throw new LongreachError(
      ControlErrorCode.EpochExhausted,
      'the lease epoch cannot grow further',
    );
  }
  return epoch + 1;
}
