import type { LegSettings } from './link-settings.ts';
import type { Direction, RelayCounters, RelayOptions } from './relay.ts';

/** What is asked of a netem process; `start` first and once. */
export type NetemRequest =
  | { type: 'start'; options: RelayOptions }
  | { type: 'counters' }
  | { type: 'setProfile'; profile: LegSettings }
  | { type: 'cut' | 'restore'; direction: Direction };

/** What it answers. */
export type NetemResult =
  | { type: 'started'; port: number }
  | { type: 'counters'; counters: RelayCounters }
  | { type: 'done' }
  | { type: 'failed'; message: string };

/** A request with the number that its answer bears. */
export type ToNetem = { id: number; request: NetemRequest };
/** An answer with its request's number. */
export type FromNetem = { id: number; result: NetemResult };
