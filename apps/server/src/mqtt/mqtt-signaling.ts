import { type MqttAddress, mqttClientId, parseMqttTopic } from '@longreach/protocol';
import type { LinkReceiver } from '../signaling/link-transport.ts';
import type { LinkHost } from '../signaling/links.ts';
import type { Broker } from './broker.ts';
import { MqttTransport } from './mqtt-transport.ts';
import { fromPublicText } from './public-text.ts';

type MqttLink = { transport: MqttTransport; receiver: LinkReceiver };

/** Signaling links over a broker: one for each MQTT connection that shows its presence or says something. */
export class MqttSignaling {
  readonly #broker: Broker;
  readonly #signaling: Pick<LinkHost, 'open'>;
  readonly #links = new Map<string, MqttLink>();

  constructor(broker: Broker, signaling: Pick<LinkHost, 'open'>) {
    this.#broker = broker;
    this.#signaling = signaling;
  }

  /** A client has published on one of its topics. */
  handleMessage(topic: string, payload: Uint8Array): void {
    const parsed = parseMqttTopic(topic);
    if (parsed === undefined || parsed.kind === 'down') return;
    if (parsed.kind === 'presence' && payload.length === 0) {
      // A goodbye, or the last will. Either way this connection is no link any more.
      this.handleGone(parsed);
      this.#broker.disconnect(parsed);
      return;
    }
    // A broker gives no order among topics: the first message may overtake the presence.
    const link = this.#links.get(mqttClientId(parsed)) ?? this.#open(parsed);
    if (parsed.kind === 'up') link?.receiver.handleMessage(fromPublicBytes(payload), false);
  }

  /** A client's connection is gone. Idempotent. */
  handleGone(of: MqttAddress): void {
    const clientId = mqttClientId(of);
    const link = this.#links.get(clientId);
    if (!link) return;
    this.#links.delete(clientId);
    link.transport.handleGone();
    link.receiver.handleClosed();
  }

  #open(of: MqttAddress): MqttLink | undefined {
    const address = this.#broker.addressOf(of);
    // Its last message came out of the broker after its end.
    if (address === undefined) return undefined;
    const transport = new MqttTransport(this.#broker, of, address);
    const link = { transport, receiver: this.#signaling.open(transport) };
    this.#links.set(mqttClientId(of), link);
    return link;
  }
}

function fromPublicBytes(payload: Uint8Array): Uint8Array {
  return Buffer.from(fromPublicText(Buffer.from(payload).toString('utf8')));
}
