/** Stops a subscription; calling it twice does nothing. */
export type Unsubscribe = () => void;

/** Typed events: a map from event name (past tense) to its one payload. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();

  /** Calls `listener` with each later payload of `name`, in order of subscription. */
  on<Name extends keyof Events>(
    name: Name,
    listener: (payload: Events[Name]) => void,
  ): Unsubscribe {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Hands `payload` to every present listener; a throwing listener ends the emit. */
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (!listeners) return;
    for (const listener of [...listeners]) (listener as (payload: Events[Name]) => void)(payload);
  }

  /** Drops every subscription. */
  clear(): void {
    this.#listeners.clear();
  }
}
