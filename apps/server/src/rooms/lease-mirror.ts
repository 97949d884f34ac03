import type { DeviceId, Lease } from '@longreach/protocol';

/** What the server knows of a machine's master lease. The machine decides; this only follows. */
export class LeaseMirror {
  #lease: Lease = { epoch: 0, masterId: null, reason: 'unknown' };
  #acceptsAnyEpoch = true;

  /** With the token: for the media worker only. */
  get lease(): Lease {
    return this.#lease;
  }

  /** A new run of the machine's software: its next word counts, whatever its epoch. */
  handleFreshMachine(): void {
    this.#acceptsAnyEpoch = true;
  }

  /** Takes the machine's word and says whether anything changed. An older epoch is late news and dropped. */
  handleReport(lease: Lease): boolean {
    if (!this.#acceptsAnyEpoch && lease.epoch < this.#lease.epoch) return false;
    this.#acceptsAnyEpoch = false;
    const previous = this.#lease;
    this.#lease = lease;
    return (
      lease.epoch !== previous.epoch ||
      lease.masterId !== previous.masterId ||
      lease.token !== previous.token ||
      lease.reason !== previous.reason
    );
  }

  /** The lease as one member may see it: the token is the master's alone. */
  viewFor(deviceId: DeviceId): Lease {
    const { token, ...open } = this.#lease;
    return token !== undefined && open.masterId === deviceId ? { ...open, token } : open;
  }
}
