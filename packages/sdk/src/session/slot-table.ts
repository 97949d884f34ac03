/** How an attach comes about. `previous`: what the slot showed, to go back to when the server refuses. */
export type AttachPlan =
  | { kind: 'ready'; slot: number }
  | { kind: 'switch'; slot: number; previous: number | undefined }
  | { kind: 'full' };

/**
 * The wanted state of a machine's slots: which stream each shows, and who looks at it (`Viewer`: an element).
 * It outlives every connection. Pure. Rules: SPEC.md A1 to A7.
 */
export class SlotTable<Viewer> {
  #streams: Array<number | undefined>;
  readonly #slots = new Map<Viewer, number>();

  /** The first slots show `streamIds`; the rest is reserved. */
  constructor(streamIds: readonly number[], count: number) {
    this.#streams = Array.from({ length: count }, (_, slot) => streamIds[slot]);
  }

  /** Stream of every slot, by its index. */
  get streams(): ReadonlyArray<number | undefined> {
    return this.#streams;
  }

  slotOf(viewer: Viewer): number | undefined {
    return this.#slots.get(viewer);
  }

  /** Stream that a viewer looks at. */
  streamOf(viewer: Viewer): number | undefined {
    const slot = this.#slots.get(viewer);
    return slot === undefined ? undefined : this.#streams[slot];
  }

  viewersOf(slot: number): Viewer[] {
    return [...this.#slots].filter(([, other]) => other === slot).map(([viewer]) => viewer);
  }

  get viewers(): Viewer[] {
    return [...this.#slots.keys()];
  }

  /** Lets `viewer` look at `streamId`: in the slot that shows it, else its own, else a free one. */
  attach(viewer: Viewer, streamId: number): AttachPlan {
    const shown = this.#streams.indexOf(streamId);
    if (shown >= 0) {
      this.#slots.set(viewer, shown);
      return { kind: 'ready', slot: shown };
    }
    const slot = this.#slotToSwitch(viewer);
    if (slot === undefined) return { kind: 'full' };
    const previous = this.#streams[slot];
    this.#streams[slot] = streamId;
    this.#slots.set(viewer, slot);
    return { kind: 'switch', slot, previous };
  }

  /** `viewer` looks no more; gives its slot when nobody else looks at that. */
  detach(viewer: Viewer): number | undefined {
    const slot = this.#slots.get(viewer);
    this.#slots.delete(viewer);
    return slot !== undefined && this.viewersOf(slot).length === 0 ? slot : undefined;
  }

  /** Exchanges what two viewers look at; says whether both look at something. */
  swap(first: Viewer, second: Viewer): boolean {
    const firstSlot = this.#slots.get(first);
    const secondSlot = this.#slots.get(second);
    if (firstSlot === undefined || secondSlot === undefined) return false;
    this.#slots.set(first, secondSlot);
    this.#slots.set(second, firstSlot);
    return true;
  }

  /** Sets what a slot shows, for taking a refused switch back and for emptying it. */
  setStream(slot: number, streamId: number | undefined): void {
    this.#streams[slot] = streamId;
  }

  #slotToSwitch(viewer: Viewer): number | undefined {
    const own = this.#slots.get(viewer);
    if (own !== undefined && this.viewersOf(own).length === 1) return own;
    const unwatched = this.#streams.map((streamId, slot) => ({ streamId, slot }));
    const free = unwatched.filter(({ slot }) => this.viewersOf(slot).length === 0);
    return (free.find(({ streamId }) => streamId === undefined) ?? free[0])?.slot;
  }
}
