/** Something that is due at a time, µs. */
type Due = { dueUs: number };

type Entry<T extends Due> = { item: T; order: number };

/** A binary heap: what is due first comes out first; of two due at once, the one that was put in first. */
export class WaitingPackets<T extends Due> {
  readonly #entries: Entry<T>[] = [];
  #added = 0;

  /** When the first is due; undefined when nothing waits. */
  get nextDueUs(): number | undefined {
    return this.#entries[0]?.item.dueUs;
  }

  /** Puts one in. */
  add(item: T): void {
    const entries = this.#entries;
    const entry = { item, order: this.#added++ };
    let at = entries.length;
    entries.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = entries[parent] as Entry<T>;
      if (!isBefore(entry, above)) break;
      entries[at] = above;
      at = parent;
    }
    entries[at] = entry;
  }

  /** Takes the first one out if it is due by `timeUs`. */
  takeDue(timeUs: number): T | undefined {
    const first = this.#entries[0];
    if (!first || first.item.dueUs > timeUs) return undefined;
    const last = this.#entries.pop() as Entry<T>;
    if (this.#entries.length > 0) this.#sink(last);
    return first.item;
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.length = 0;
  }

  #sink(entry: Entry<T>): void {
    const entries = this.#entries;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = entries[child];
      if (!left) break;
      const right = entries[child + 1];
      if (right && isBefore(right, left)) child += 1;
      const smaller = entries[child] as Entry<T>;
      if (!isBefore(smaller, entry)) break;
      entries[at] = smaller;
      at = child;
    }
    entries[at] = entry;
  }
}

function isBefore<T extends Due>(a: Entry<T>, b: Entry<T>): boolean {
  const difference = a.item.dueUs - b.item.dueUs;
  return difference < 0 || (difference === 0 && a.order < b.order);
}
