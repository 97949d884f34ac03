import { LongreachError } from '@longreach/kit';
import {
  AutoplayCode,
  type MqttConnectionState,
  NetworkErrorCode,
  type SignalingState,
} from '@longreach/protocol';
import { type MqttStateEvent, nextMqttState } from './mqtt-state.ts';
import { isObject } from './signaling-message.ts';

/** A new state of the MQTT connection, and why where there is something to say. */
export type MqttStateChange = { state: MqttConnectionState; message?: string };

/** Follows the MQTT connection of a client by what its link and its attempts tell. */
export class MqttWatch {
  readonly #onChanged: (change: MqttStateChange) => void;
  #state: MqttConnectionState = 'new';

  constructor(onChanged: (change: MqttStateChange) => void) {
    this.#onChanged = onChanged;
  }

  get state(): MqttConnectionState {
    return this.#state;
  }

  /** Something happened to the connection. */
  handle(event: MqttStateEvent, message?: string): void {
    const state = nextMqttState(this.#state, event);
    if (state === this.#state) return;
    this.#state = state;
    this.#onChanged(message === undefined ? { state } : { state, message });
  }

  /** The link above changed its state. */
  handleSignaling(state: SignalingState, data: object): void {
    const { message, retrying } = isObject(data) ? data : {};
    const reason = typeof message === 'string' ? message : undefined;
    if (state === 'connecting') this.handle('attempted');
    else if (state === 'reconnecting') this.handle('reattempted');
    else if (state === 'closed') this.handle('ended', reason);
    // A link that is only suspect says neither: its connection may be whole.
    else if (state === 'disconnected' && retrying === true) this.handle('lost', reason);
    else if (state === 'disconnected' && retrying === false) this.handle('ended', reason);
  }

  /** Why a track cannot play, as far as MQTT is the reason; without an error: whether it can be asked for now. */
  autoplayCodeOf(error?: unknown): AutoplayCode | undefined {
    const { code, details } = error instanceof LongreachError ? error : {};
    const reason = details?.reason;
    const isThere = this.#state !== 'new' && this.#state !== 'closed';
    if (reason === 'mqttClientNotFound' || !isThere) return AutoplayCode.MqttClientNotFound;
    if (this.#state !== 'connected') return AutoplayCode.MqttClientNotConnected;
    if (reason === 'publishFailed') return AutoplayCode.MqttPublishFailed;
    // Lost a moment ago: the link knows before the connection does.
    if (reason === 'linkDown') return AutoplayCode.MqttClientNotConnected;
    if (code === NetworkErrorCode.UserNotJoined) return AutoplayCode.MqttSessionIdNotFound;
    return undefined;
  }
}
