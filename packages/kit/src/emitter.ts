/** Stops a subscription; calling it twice does nothing. */
export type Unsubscribe = () => void;

/** Typed events: a map from event name (past tense) to its one payload. */
export class Emitter<Events extends object> {
  readonly #subscriptions = new Map<keyof Events, Set<{ listener: (payload: never) => void }>>();

  /**
   * Calls `listener` with each later payload of `name`, in order of subscription.
   * The same function subscribed twice is called twice, until each subscription is stopped.
   */
  on<Name extends keyof Events>(
    name: Name,
    listener: (payload: Events[Name]) => void,
  ): Unsubscribe {
    const subscriptions = this.#subscriptions.get(name) ?? new Set();
    this.#subscriptions.set(name, subscriptions);
    const subscription = { listener };
    subscriptions.add(subscription);
    return () => subscriptions.delete(subscription);
  }

  /** Hands `payload` to every present listener; a throwing listener ends the emit. */
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    const subscriptions = this.#subscriptions.get(name);
    if (!subscriptions) return;
    for (const { listener } of [...subscriptions]) {
      (listener as (payload: Events[Name]) => void)(payload);
    }
  }

  /** Drops every subscription. */
  clear(): void {
    this.#subscriptions.clear();
  }
}
