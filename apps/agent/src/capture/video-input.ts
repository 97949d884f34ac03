import type { Frame } from 'node-av/lib';
import type { MediaNotice } from '../local/messages.ts';

/** Life of an input; `failed` is final until it is started again. */
export type VideoInputState = Extract<MediaNotice, { type: 'inputState' }>['state'];

/** One picture, 4:2:0 in the size that shall be encoded. */
export type Picture = {
  /** Good until the handler returns. */
  frame: Frame;
  /** Taken before anything was drawn, decoded or encoded; machine clock, µs. */
  captureTimeUs: number;
};

/** One picture that came encoded and is forwarded as it is: H.264 in Annex B. */
export type EncodedPicture = { data: Uint8Array; key: boolean; captureTimeUs: number };

/** What an input tells its owner. */
export type VideoInputHandlers = {
  onPicture: (picture: Picture) => void;
  onEncodedPicture: (picture: EncodedPicture) => void;
  onState: (state: VideoInputState, message: string) => void;
};

/** A source of pictures. It costs nothing before `start` and after `stop`. */
export type VideoInput = {
  /** Begins to give pictures; the first one as soon as there is one. */
  start(): void;
  /** Ends it; no handler is called afterwards. Idempotent; may be started again. */
  stop(): void;
  /** Asks for this many pictures a second; an input with a rate of its own leaves pictures out. */
  setFps(fps: number): void;
  /** Pictures so far that were due and not taken, since the process was busy; absent where the source sets the times. */
  readonly missedPictures?: number;
  /** Pictures so far that were left out since the source gives more than asked for; absent where it cannot. */
  readonly leftOutPictures?: number;
};
