/** What page and datagram worker say to each other. */
import type { DataChannelLabel } from '@longreach/protocol';

/** Counters of one slot under the names and in the units of an `inbound-rtp` entry of getStats. */
export type SlotCounters = Record<string, number>;

/** Page to worker. */
export type ToDatagramWorker =
  /** The pictures of all slots at `place` go into this stream of `VideoFrame`s. */
  | { type: 'screen'; place: number; pictures: WritableStream<VideoFrame> }
  | { type: 'connection'; connection: number; message: PageMessage };

/** Page to worker about one connection; the first makes it known. */
export type PageMessage =
  /** Pictures are held back at least this long. */
  | { type: 'slot'; place: number; minDelayMs: number }
  /** Sound that is written here makes the packets of the way back. */
  | { type: 'returnSound'; sound: WritableStream<AudioData> }
  /** Goes to the server. */
  | { type: 'message'; label: DataChannelLabel; bytes: Uint8Array<ArrayBuffer> }
  /** The server takes messages inside the m-line. */
  | { type: 'returnOpened' }
  /** Asks for a `counters` message; also shows whether the worker lives. */
  | { type: 'askCounters' }
  /** Nothing of it is of use any more. */
  | { type: 'close' };

/** Worker to page. */
export type FromDatagramWorker = { connection: number; message: WorkerMessage };

/** Worker to page about one connection. */
export type WorkerMessage =
  /** Came from the server. */
  | { type: 'message'; label: DataChannelLabel; bytes: Uint8Array<ArrayBuffer> }
  /** Bytes for the server that must arrive and are not acknowledged yet. */
  | { type: 'waiting'; bytes: number }
  /** The first picture of a slot is on its way to the screen. */
  | { type: 'pictureArrived'; place: number }
  /**
   * `isLossy`: many round trips over the m-line fail. `waiting`: pictures that wait for the decoder of each slot.
   * `longestStallMs`: the longest time in which the worker did nothing, since the last such message.
   */
  | {
      type: 'counters';
      slots: Array<SlotCounters | undefined>;
      isLossy: boolean;
      waiting: Array<number | undefined>;
      longestStallMs: number;
    }
  /** Pictures cannot be shown this way; the worker does nothing for this connection any more. */
  | { type: 'failed'; reason: string };
