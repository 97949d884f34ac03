import { LongreachError } from '@longreach/kit';
import type { MediaConnection } from '../media/media-connection.ts';
import type { SessionContext } from './session-context.ts';
import type { SlotTable } from './slot-table.ts';

export type ShownStream = { slot: number; streamId: number | undefined; isFirst: boolean };

export type SlotSyncOptions = {
  context: SessionContext;
  table: SlotTable<HTMLVideoElement>;
  /** The server shows `streamId` in that slot now; `isFirst`: since the connection began. */
  onShown: (connection: MediaConnection, shown: ShownStream) => void;
};

/** Brings what the server shows in the slots of a connection to what the table wants; one request at a time. */
export class SlotSync {
  readonly #options: SlotSyncOptions;
  #connection: MediaConnection | undefined;
  #shown: Array<number | undefined> = [];
  #running: Promise<void> = Promise.resolve();

  constructor(options: SlotSyncOptions) {
    this.#options = options;
  }

  /** `connection` was answered with these streams in its slots. */
  bind(connection: MediaConnection, shown: ReadonlyArray<number | undefined>): void {
    this.#connection = connection;
    this.#shown = [...shown];
    shown.forEach((streamId, slot) => {
      this.#options.onShown(connection, { slot, streamId, isFirst: true });
    });
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
    const connection = this.#connection;
    const { table, context, onShown } = this.#options;
    if (!connection || !context.link.isUp) return;
    for (let slot = 0; slot < table.streams.length; slot++) {
      const wanted = table.streams[slot];
      if (wanted === this.#shown[slot]) continue;
      try {
        await this.#ask(connection, slot, wanted);
      } catch (error) {
        if (error instanceof LongreachError && error.details.reason !== undefined) return;
        throw error;
      }
      if (this.#connection !== connection) return;
      this.#shown[slot] = wanted;
      onShown(connection, { slot, streamId: wanted, isFirst: false });
    }
  }

  async #ask(
    connection: MediaConnection,
    slot: number,
    streamId: number | undefined,
  ): Promise<void> {
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
