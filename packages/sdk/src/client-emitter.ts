import { Emitter, type Unsubscribe } from '@longreach/kit';
import type { ClientEvents } from './api.ts';

/** The client's events. A mistake of a listener must not stop a session: the page's own error handler is told of it. */
export class ClientEmitter {
  readonly #events = new Emitter<ClientEvents>();

  readonly on = <Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ): Unsubscribe =>
    this.#events.on(name, (payload) => {
      try {
        listener(payload);
      } catch (error) {
        reportError(error);
      }
    });

  readonly emit = <Name extends keyof ClientEvents>(
    name: Name,
    payload: ClientEvents[Name],
  ): void => {
    this.#events.emit(name, payload);
  };
}
