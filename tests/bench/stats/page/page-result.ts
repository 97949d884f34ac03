import type { StreamFigures } from '@longreach/sdk';

/** What `webrtcStats` said of one video track; times: page clock, ms. */
export type StatsSample = {
  atMs: number;
  streamId: number;
  latency?: number;
  latency1?: number;
  latency2?: number;
  lag100?: number;
  lag150?: number;
  fps?: number;
};

/** What `figuresUpdated` said. */
export type FiguresSample = { atMs: number } & StreamFigures;

/** What the page heard since it was asked last. */
export type PageResult = {
  stats: StatsSample[];
  figures: FiguresSample[];
  /** Time inside the SDK's callbacks for presented frames, ms, and their number. */
  observerMs: number;
  frames: number;
  /** Calls of `getStats`. */
  getStatsCalls: number;
  errors: string[];
};
