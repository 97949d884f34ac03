import type { MqttAddress } from '@longreach/protocol';

/** What signaling needs of an MQTT broker. */
export type Broker = {
  /** Sends a text on a link's `down`; `onSent` is called once the network has taken it, or lost it. */
  send(to: MqttAddress, text: string, onSent: () => void): void;
  /** Takes the retained presence of a link away. */
  forget(link: MqttAddress): void;
  /** Network address of a link's client; undefined when it is gone. */
  addressOf(link: MqttAddress): string | undefined;
  /** Cuts the connection of a link's client, if it is still there. */
  disconnect(link: MqttAddress): void;
};

/** What a broker tells. */
export type BrokerEvents = {
  /** A client, whose right to do so is checked, has published. */
  messageReceived: { topic: string; payload: Uint8Array };
  /** The connection of a link's client is gone. */
  clientGone: { link: MqttAddress };
};
