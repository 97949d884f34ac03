import type { AutoplayCode } from '@longreach/protocol';
import type { CreatePlayer, Player, PlayerSource, PresentedFrame } from '../player/player.ts';
import type { SlotTable } from './slot-table.ts';

export type ViewersOptions = {
  createPlayer: CreatePlayer;
  table: SlotTable<HTMLVideoElement>;
  /** A picture appeared in an element that looks at `slot`. */
  onFrame: (slot: number, frame: PresentedFrame) => void;
  onAutoplay: (
    element: HTMLVideoElement,
    streamId: number,
    code: AutoplayCode,
    message: string,
  ) => void;
};

/** The players of a session's elements: each shows what the slot of its element receives. */
export class Viewers {
  readonly #options: ViewersOptions;
  readonly #players = new Map<HTMLVideoElement, Player>();

  constructor(options: ViewersOptions) {
    this.#options = options;
  }

  /** Makes a player for `element` unless it has one. */
  ensure(element: HTMLVideoElement): void {
    if (this.#players.has(element)) return;
    const { table, onFrame, onAutoplay, createPlayer } = this.#options;
    const player = createPlayer(element, {
      onFrame: (frame) => {
        const slot = table.slotOf(element);
        if (slot !== undefined) onFrame(slot, frame);
      },
      onAutoplay: (code, message) => {
        const streamId = table.streamOf(element);
        if (streamId !== undefined) onAutoplay(element, streamId, code, message);
      },
    });
    this.#players.set(element, player);
  }

  /** Lets every element show what its slot receives. */
  showAll(sourceOf: (slot: number) => PlayerSource | undefined): void {
    for (const [element, player] of this.#players) {
      const slot = this.#options.table.slotOf(element);
      const source = slot === undefined ? undefined : sourceOf(slot);
      if (source) player.show(source);
    }
  }

  /** Lets go of an element. */
  remove(element: HTMLVideoElement): void {
    this.#players.get(element)?.close();
    this.#players.delete(element);
  }

  /** Idempotent. */
  close(): void {
    for (const player of this.#players.values()) player.close();
    this.#players.clear();
  }
}
