import type { Lease } from '@longreach/protocol';
import type { PermissionEvent } from '../api.ts';

/** The lease as this remote device knows it. Pure. Rules: SPEC.md E1 to E4. */
export class LeaseView {
  readonly #deviceId: string;
  readonly #selfId: string;
  #lease: Lease | undefined;

  constructor(deviceId: string, selfId: string) {
    this.#deviceId = deviceId;
    this.#selfId = selfId;
  }

  /** Takes the machine's word; gives the event when something changed for us. An older epoch is ignored. */
  update(lease: Lease): PermissionEvent | undefined {
    const known = this.#lease;
    if (known && lease.epoch < known.epoch) return undefined;
    const isSameHolder = known?.epoch === lease.epoch && known.masterId === lease.masterId;
    const token = lease.token ?? (isSameHolder ? known?.token : undefined);
    const { epoch, masterId, reason } = lease;
    this.#lease = { epoch, masterId, reason, ...(token === undefined ? {} : { token }) };
    if (isSameHolder && known?.reason === reason && known.token === token) return undefined;
    return this.event();
  }

  /** The permission as the application sees it. */
  event(): PermissionEvent {
    return {
      deviceId: this.#deviceId,
      permission: this.#lease?.masterId === this.#selfId ? 'master' : 'guest',
      masterId: this.#lease?.masterId ?? null,
      epoch: this.#lease?.epoch ?? 0,
      reason: this.#lease?.reason ?? '',
    };
  }

  /** Epoch and token while this device is master and knows the token. */
  held(): { epoch: number; token: string } | undefined {
    const lease = this.#lease;
    if (lease?.masterId !== this.#selfId || lease.token === undefined) return undefined;
    return { epoch: lease.epoch, token: lease.token };
  }

  /** The lease without its token. */
  shown(): Omit<Lease, 'token'> | undefined {
    if (!this.#lease) return undefined;
    const { epoch, masterId, reason } = this.#lease;
    return { epoch, masterId, reason };
  }
}
