type Event = { atUs: number; order: number; run: () => void };

/** Runs events in the order of their time, without waiting. */
export class VirtualClock {
  nowUs = 0;
  readonly #heap: Event[] = [];
  #order = 0;

  /** Calls `run` at a time that is not past. */
  at(atUs: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ atUs: Math.max(atUs, this.nowUs), order: this.#order++, run });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (isBefore(heap[parent] as Event, heap[child] as Event)) break;
      this.#swap(parent, child);
      child = parent;
    }
  }

  /** Runs everything up to a time. */
  runUntil(endUs: number): void {
    for (let next = this.#heap[0]; next && next.atUs <= endUs; next = this.#heap[0]) {
      this.#removeFirst();
      this.nowUs = next.atUs;
      next.run();
    }
    this.nowUs = endUs;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let parent = 0; ; ) {
      let child = 2 * parent + 1;
      if (child >= heap.length) return;
      const right = heap[child + 1];
      if (right && isBefore(right, heap[child] as Event)) child += 1;
      if (isBefore(heap[parent] as Event, heap[child] as Event)) return;
      this.#swap(parent, child);
      parent = child;
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const first = heap[a] as Event;
    heap[a] = heap[b] as Event;
    heap[b] = first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
