import type { AutoplayCode } from '@longreach/protocol';
import type { PlayerKind } from '../api.ts';

/** One picture that was presented. */
export type PresentedFrame = {
  /** When the browser announced it, ms on the page clock. */
  presentedMs: number;
  /** RTP timestamp, 90 kHz; absent where the browser does not tell. */
  rtpTimestamp?: number;
  width: number;
  height: number;
};

export type PlayerHandlers = {
  onFrame(frame: PresentedFrame): void;
  onAutoplay(code: AutoplayCode, message: string): void;
};

/** What a player shows: a stream, and whose pictures are in it. */
export type PlayerSource = { kind: PlayerKind; stream: MediaStream };

/** Shows one source at a time in one element. */
export type Player = {
  /** Shows `source` from now on; the same one again changes nothing. */
  show(source: PlayerSource): void;
  /** Stops and lets go of the element. Idempotent. */
  close(): void;
};

/** Makes a player for an element. */
export type CreatePlayer = (element: HTMLVideoElement, handlers: PlayerHandlers) => Player;
