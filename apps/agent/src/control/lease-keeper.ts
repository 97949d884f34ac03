import { type LeaseAnswer, type LeaseState, MasterLease } from '@longreach/control';
import { LongreachError } from '@longreach/kit';
import type { DeviceId, Lease } from '@longreach/protocol';
import type { Logger } from 'pino';

/** What a lease keeper works with. */
export type LeaseKeeperOptions<Requester> = {
  persistedEpoch: number;
  lastRequesterWins: boolean;
  /** Makes an epoch durable. */
  persist: (epoch: number) => Promise<void>;
  /** 8 random bytes, hexadecimal. */
  createToken: () => string;
  /** Tells the guard, at once, which commands may pass; no token = none. */
  onLeaseInForce: (lease: { epoch: number; token: string | null }) => void;
  /** Answers one request with the lease as it is then, token included. */
  onAnswer: (requester: Requester, lease: Lease) => void;
  /** Tells everybody but the one who was answered, after the epoch is durable. */
  onLeaseChanged: (lease: Lease, requester: Requester | undefined) => void;
  log: Logger;
};

/** Changes of the lease that may wait for the disk; a request beyond is refused. */
const maxPending = 64;

/**
 * Keeps the lease over restarts. Ending a lease acts at once and is then written down; a new lease acts,
 * and is told, only after its epoch is on the disk, so that no epoch is ever given twice.
 */
export class LeaseKeeper<Requester> {
  readonly #options: LeaseKeeperOptions<Requester>;
  readonly #lease: MasterLease;
  /** The newest lease that was told. */
  #told: Lease;
  #pending = 0;
  #chain: Promise<void> = Promise.resolve();

  constructor(options: LeaseKeeperOptions<Requester>) {
    this.#options = options;
    this.#lease = new MasterLease(options);
    this.#told = asMessage(this.#lease.state);
  }

  /** The newest lease that was told, token included. */
  get told(): Lease {
    return this.#told;
  }

  /** Resolves when everything so far is on the disk and told. */
  get settled(): Promise<void> {
    return this.#chain;
  }

  /** A remote device asks to be master. */
  request(remoteId: string, requester: Requester): void {
    if (this.#pending >= maxPending) {
      this.#options.onAnswer(requester, { ...this.#told, reason: 'refused' });
      return;
    }
    try {
      this.#follow(this.#lease.handleRequest(remoteId, this.#options.createToken()), requester);
    } catch (error) {
      if (!(error instanceof LongreachError)) throw error;
      this.#options.log.error({ err: error }, 'lease not granted');
      this.#options.onAnswer(requester, { ...this.#told, reason: 'refused' });
    }
  }

  /** A remote device gives the lease back. */
  release(remoteId: string, requester: Requester): void {
    this.#follow(this.#lease.handleRelease(remoteId), requester);
  }

  /** A remote device is gone for good. */
  remoteLeft(remoteId: string): void {
    this.#follow(this.#lease.handleRemoteLeft(remoteId));
  }

  #follow(answer: LeaseAnswer, requester?: Requester): void {
    const { lease, changed, refusal } = answer;
    if (changed) this.#options.onLeaseInForce({ epoch: lease.epoch, token: null });
    if (!changed && requester === undefined) return;
    this.#pending++;
    this.#chain = this.#chain.then(async () => {
      if (changed) await this.#settle(lease, requester);
      else this.#answer(requester, refusal ? { ...this.#told, reason: refusal } : this.#told);
      this.#pending--;
    });
  }

  async #settle(lease: LeaseState, requester: Requester | undefined): Promise<void> {
    const { onLeaseInForce, log } = this.#options;
    try {
      await this.#options.persist(lease.epoch);
    } catch (error) {
      log.error({ err: error, epoch: lease.epoch }, 'lease epoch not written');
      // Without a durable epoch nobody may become master; an ended lease is ended all the same.
      if (lease.token !== null) {
        this.#withdraw(lease, requester);
        return;
      }
    }
    const current = this.#lease.state === lease;
    if (current && lease.token !== null) onLeaseInForce(lease);
    this.#tell(lease, requester);
  }

  #withdraw(lease: LeaseState, requester: Requester | undefined): void {
    // A later change that took this lease away already is told by its own turn.
    if (this.#lease.state === lease) {
      const { epoch } = this.#lease.handleRevoke().lease;
      this.#options.onLeaseInForce({ epoch, token: null });
    }
    this.#tell({ ...this.#lease.state, masterId: null, token: null, reason: 'revoked' }, requester);
  }

  #tell(lease: LeaseState, requester: Requester | undefined): void {
    this.#told = asMessage(lease);
    const { epoch, masterId, reason } = lease;
    this.#options.log.info({ epoch, masterId, reason }, 'lease changed');
    this.#answer(requester, this.#told);
    this.#options.onLeaseChanged(this.#told, requester);
  }

  #answer(requester: Requester | undefined, lease: Lease): void {
    if (requester !== undefined) this.#options.onAnswer(requester, lease);
  }
}

function asMessage(lease: LeaseState): Lease {
  const { epoch, reason, token } = lease;
  // Ids come from messages whose schema has checked them.
  const masterId = lease.masterId as DeviceId | null;
  return token === null ? { epoch, masterId, reason } : { epoch, masterId, reason, token };
}
