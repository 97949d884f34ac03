import { LongreachError } from '@longreach/kit';
import type { SessionContext } from './session-context.ts';
import type { SlotCarrier } from './slot-carrier.ts';
import type { SlotTable } from './slot-table.ts';

export type ShownStream = { slot: number; streamId: number | undefined; isFirst: boolean };

export type SlotSyncOptions = {
  context: SessionContext;
  table: SlotTable<HTMLVideoElement>;
  /** The server shows `streamId` in that slot now; `isFirst`: since the connection began. */
  onShown: (connection: SlotCarrier, shown: ShownStream) => void;
};

type Bound = { connection: SlotCarrier; streamId: number | undefined };

/** Brings what the server shows in the slots to what the table wants; one request at a time. */
export class SlotSync {
  readonly #options: SlotSyncOptions;
  /** What is known of each slot: over which connection it comes, and what it shows. */
  readonly #slots = new Map<number, Bound>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: SlotSyncOptions) {
    this.#options = options;
  }

  /** `connection` was answered with this stream in its `slot`. */
  bind(connection: SlotCarrier, slot: number, streamId: number | undefined): void {
    this.#slots.set(slot, { connection, streamId });
    this.#options.onShown(connection, { slot, streamId, isFirst: true });
  }

  /**
   * Asks for what differs. Rejects with the server's refusal; a lost link is no failure: the wanted state
   * is part of the next offer.
   */
  apply(): Promise<void> {
    const run = this.#running.then(() => this.#applyAll());
    this.#running = run.catch(() => {});
    return run;
  }

  async #applyAll(): Promise<void> {
    const { table, context } = this.#options;
    for (let slot = 0; slot < table.streams.length; slot++) {
      const bound = this.#slots.get(slot);
      const wanted = table.streams[slot];
      if (!context.link.isUp) return;
      if (!bound || wanted === bound.streamId) continue;
      try {
        await this.#ask(bound.connection, slot, wanted);
      } catch (error) {
        if (error instanceof LongreachError && error.details.reason !== undefined) return;
        throw error;
      }
      // Another connection took over meanwhile: it was offered with what was wanted then.
      if (this.#slots.get(slot) === bound) this.#handleShown(bound, slot, wanted);
    }
  }

  #handleShown(bound: Bound, slot: number, streamId: number | undefined): void {
    bound.streamId = streamId;
    this.#options.onShown(bound.connection, { slot, streamId, isFirst: false });
  }

  async #ask(connection: SlotCarrier, slot: number, streamId: number | undefined): Promise<void> {
    const { link, deviceId } = this.#options.context;
    const target = {
      deviceId: deviceId as never,
      connectionId: connection.id,
      mid: connection.midOf(slot),
    };
    if (streamId === undefined) await link.request('unsubscribe', target);
    else await link.request('subscribe', { ...target, streamId, mediaType: 'video' });
  }
}
