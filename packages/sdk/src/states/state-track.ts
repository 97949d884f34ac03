/** From each state the states that may follow, each with what leads there. */
export type StateTable<State extends string> = Readonly<
  Record<State, Readonly<Partial<Record<State, string>>>>
>;

/** What became of a step. */
export type StateStep = 'same' | 'documented' | 'undocumented';

/** Where one thing is in its table. Pure. */
export class StateTrack<State extends string> {
  readonly #table: StateTable<State>;
  #state: State | undefined;

  /** Until the first step it is in no state; any may be the first. */
  constructor(table: StateTable<State>) {
    this.#table = table;
  }

  get state(): State | undefined {
    return this.#state;
  }

  /** Goes to `next`, even when the table does not know the way: what is told stays the truth. */
  enter(next: State): StateStep {
    const from = this.#state;
    this.#state = next;
    if (from === next) return 'same';
    if (from === undefined) return 'documented';
    return this.#table[from][next] === undefined ? 'undocumented' : 'documented';
  }
}

/** States that can be reached from `first`, itself included. */
export function reachableStates<State extends string>(
  table: StateTable<State>,
  first: State,
): Set<State> {
  const reached = new Set([first]);
  for (const state of reached) {
    for (const next of Object.keys(table[state]) as State[]) reached.add(next);
  }
  return reached;
}
