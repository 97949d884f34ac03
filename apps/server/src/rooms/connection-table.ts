import type { DeviceId, MediaType, Slot } from '@longreach/protocol';

/** Peer connections of one room's members and of its machine, with the slots each was opened with. */
export class ConnectionTable {
  readonly #byPeer = new Map<DeviceId, Map<string, Slot[]>>();

  /** Notes an opened (or replaced) connection. */
  open(peerId: DeviceId, connectionId: string, slots: Slot[]): void {
    const connections = this.#byPeer.get(peerId) ?? new Map<string, Slot[]>();
    connections.set(connectionId, slots);
    this.#byPeer.set(peerId, connections);
  }

  /** Forgets one connection; says whether it was known. */
  close(peerId: DeviceId, connectionId: string): boolean {
    const connections = this.#byPeer.get(peerId);
    if (!connections?.delete(connectionId)) return false;
    if (connections.size === 0) this.#byPeer.delete(peerId);
    return true;
  }

  /** Forgets all connections of a peer. */
  closePeer(peerId: DeviceId): void {
    this.#byPeer.delete(peerId);
  }

  /** Forgets every connection and gives them. */
  closeAll(): Array<{ peerId: DeviceId; connectionId: string }> {
    const all = [...this.#byPeer].flatMap(([peerId, connections]) =>
      [...connections.keys()].map((connectionId) => ({ peerId, connectionId })),
    );
    this.#byPeer.clear();
    return all;
  }

  has(peerId: DeviceId, connectionId: string): boolean {
    return this.#byPeer.get(peerId)?.has(connectionId) ?? false;
  }

  countOf(peerId: DeviceId): number {
    return this.#byPeer.get(peerId)?.size ?? 0;
  }

  /** Whether one of the peer's connections has a slot for the main encoding of this medium of this stream. */
  carries(peerId: DeviceId, streamId: number, mediaType: MediaType): boolean {
    for (const slots of this.#byPeer.get(peerId)?.values() ?? []) {
      const carries = slots.some(
        (slot) =>
          slot.streamId === streamId && slot.mediaType === mediaType && slot.encoding !== 'small',
      );
      if (carries) return true;
    }
    return false;
  }
}
