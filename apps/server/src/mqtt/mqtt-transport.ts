import { type DeviceId, fromPublicId, type MqttAddress } from '@longreach/protocol';
import type { LinkTransport } from '../signaling/link-transport.ts';
import type { Broker } from './broker.ts';
import { toPublicText } from './public-text.ts';

/** How long a client has to close after it was told to, ms; then it is cut. */
const closeTimeoutMs = 1_000;

/** The sending half of a link over MQTT. */
export class MqttTransport implements LinkTransport {
  readonly address: string;
  readonly deviceId: DeviceId;
  readonly #broker: Broker;
  readonly #of: MqttAddress;
  #bufferedBytes = 0;
  #closing: NodeJS.Timeout | undefined;

  constructor(broker: Broker, of: MqttAddress, address: string) {
    this.#broker = broker;
    this.#of = of;
    this.address = address;
    this.deviceId = fromPublicId(of.publicId) as DeviceId;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  send(text: string): void {
    const message = toPublicText(text);
    const bytes = Buffer.byteLength(message);
    this.#bufferedBytes += bytes;
    this.#broker.send(this.#of, message, () => {
      this.#bufferedBytes -= bytes;
    });
  }

  close(code: number, reason: string): void {
    this.send(JSON.stringify({ v: 1, event: 'linkClosed', body: { code, reason } }));
    this.#closing = setTimeout(() => this.#broker.disconnect(this.#of), closeTimeoutMs);
  }

  /** The client is gone. */
  handleGone(): void {
    clearTimeout(this.#closing);
    // With an orderly goodbye nobody else takes it away.
    this.#broker.forget(this.#of);
  }
}
