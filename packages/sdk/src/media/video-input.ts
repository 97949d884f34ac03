import type { StatsEntry } from '@longreach/telemetry';
import type { PlayerSource } from '../player/player.ts';

/** How an offer names the slots of the datagram player. */
export type DatagramOffer = { mid: string; slots: string[] };

/** Where the pictures of one connection come in: slots that are reserved before the offer. */
export type VideoInput = {
  readonly slots: number;
  /** Reserves one slot more. */
  addSlot(): void;
  /** Name of a slot towards the server; undefined before the offer. */
  midOf(slot: number): string | undefined;
  sourceOf(slot: number): PlayerSource | undefined;
  /** For the offer, unless each slot has an m-line of its own. */
  readonly datagram: DatagramOffer | undefined;
  /** What is known of a slot's decoder since the last call; undefined for the browser's own. */
  takeDecoderFacts(slot: number): DecoderFacts | undefined;
  /** The browser's statistics → those of the slots too, one `inbound-rtp` entry each. */
  completeStats(entries: StatsEntry[]): Promise<StatsEntry[]>;
  /** The answer is in force. */
  handleAnswered(): void;
  /** The buffer of a slot does not come back by itself: sets it anew. */
  resetDelay(slot: number): void;
  close(): void;
};

/** What the datagram player's worker said of one slot. */
export type DecoderFacts = {
  /** Pictures that the decoder was given and did not give back, at most. */
  waitingPictures: number;
  /** Longest time in which the worker did nothing, ms. */
  longestStallMs: number;
};

export type VideoInputHandlers = {
  /** The first packets of a picture came in a slot. */
  onArrived(slot: number): void;
  /** Pictures cannot be shown this way; another connection has to show them another way. */
  onFailed(reason: string): void;
};
