/** What page and datagram worker say to each other. */
import type { DataChannelLabel } from '@longreach/protocol';

/** Counters of one slot under the names and in the units of an `inbound-rtp` entry of getStats. */
export type SlotCounters = Record<string, number>;

/** Page to worker. */
export type PageMessage =
  /** The pictures of the slot at `place` go into this stream of `VideoFrame`s. */
  | { type: 'slot'; place: number; pictures: WritableStream<VideoFrame>; minDelayMs: number }
  /** Sound that is written here makes the packets of the way back. */
  | { type: 'returnSound'; sound: WritableStream<AudioData> }
  /** Goes to the server. */
  | { type: 'message'; label: DataChannelLabel; bytes: Uint8Array<ArrayBuffer> }
  /** The server takes messages inside the m-line. */
  | { type: 'returnOpened' }
  /** Asks for a `counters` message; also shows whether the worker lives. */
  | { type: 'askCounters' };

/** Worker to page. */
export type WorkerMessage =
  /** Came from the server. */
  | { type: 'message'; label: DataChannelLabel; bytes: Uint8Array<ArrayBuffer> }
  /** Bytes for the server that must arrive and are not acknowledged yet. */
  | { type: 'waiting'; bytes: number }
  /** The first picture of a slot is on its way to the screen. */
  | { type: 'pictureArrived'; place: number }
  /** `isLossy`: many round trips over the m-line fail. */
  | { type: 'counters'; slots: Array<SlotCounters | undefined>; isLossy: boolean }
  /** Pictures cannot be shown this way; the worker does nothing any more. */
  | { type: 'failed'; reason: string };
