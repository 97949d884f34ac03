import type { LongreachError } from '@longreach/kit';
import {
  type MqttAddress,
  mqttClientId,
  mqttTopic,
  presenceOnline,
  toPublicId,
} from '@longreach/protocol';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { refusalOf } from './errors.ts';

/** Where the broker is, and who comes. */
export type MqttLinkOptions = {
  /** `ws://` or `wss://` of a broker's WebSocket; outside of browsers also `mqtt://` and `mqtts://`. */
  url: string;
  /** With or without its project. */
  deviceId: string;
  /** The secret that signaling's login shows: a device's key or a login token. */
  secret: string;
};

/** What a link tells. After `onClosed` it tells nothing more. */
export type MqttLinkHandlers = {
  /** The broker let us in and the server hears us. */
  onOpened(): void;
  onText(text: string): void;
  /** `refusal`: the broker said why. */
  onClosed(reason: string, refusal?: LongreachError): void;
};

/** One link over one MQTT connection; it never connects again. */
export type MqttLink = {
  /** Bytes that wait for the network, as far as it is known. */
  readonly bufferedBytes: number;
  /** False when there is no connection to send over. */
  send(text: string): boolean;
  /** Ends it politely; nothing is told. Idempotent. */
  close(): void;
  /** Ends it at once, for a peer that may be gone; nothing is told. Idempotent. */
  terminate(): void;
};

/** Opening the connection, CONNACK and SUBACK together, ms: a session that lost its link lives for 5 s. */
const connectTimeoutMs = 3_000;
/** A connection without a word for 1.5 times that is cut by the broker, which then tells the last will. */
const keepaliveS = 10;
/** After this long without a goodbye from the network the connection is cut. */
const closeTimeoutMs = 1_000;
const linkIdBytes = 16;
const refusedSubscription = 128;

/** Opens a link. Throws what the library throws for a URL that is none. */
export function openMqttLink(options: MqttLinkOptions, handlers: MqttLinkHandlers): MqttLink {
  const address = { publicId: toPublicId(options.deviceId), linkId: createLinkId() };
  return new Link(address, options, handlers);
}

class Link implements MqttLink {
  readonly #address: MqttAddress;
  readonly #handlers: MqttLinkHandlers;
  readonly #client: MqttClient;
  readonly #openTimer: ReturnType<typeof setTimeout>;
  #isOpen = false;
  #isClosed = false;
  #reason = 'the connection to the broker closed';

  constructor(address: MqttAddress, options: MqttLinkOptions, handlers: MqttLinkHandlers) {
    this.#address = address;
    this.#handlers = handlers;
    this.#client = mqtt.connect(options.url, connectOptionsOf(address, options.secret));
    this.#openTimer = setTimeout(
      () => this.#finish('the broker does not answer'),
      connectTimeoutMs,
    );
    this.#client.on('connect', () => this.#subscribe());
    this.#client.on('message', (_topic, payload) => this.#handleText(payload.toString()));
    // Stays to the end: an error without a listener would be thrown.
    this.#client.on('error', (error) => this.#handleError(error));
    this.#client.on('close', () => this.#finish(this.#reason));
  }

  get bufferedBytes(): number {
    const { stream } = this.#client;
    return stream.writableLength + (stream.socket?.bufferedAmount ?? 0);
  }

  send(text: string): boolean {
    if (!this.#isOpen || !this.#client.connected) return false;
    this.#client.publish(mqttTopic(this.#address, 'up'), text, { qos: 0 });
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isOpen || !this.#client.connected) {
      this.#cut();
      return;
    }
    this.#isOpen = false;
    // DISCONNECT makes the broker forget the last will, so the goodbye is said here.
    this.#publishPresence('');
    this.#client.end(false);
    const timer = setTimeout(() => this.#client.stream.destroy(), closeTimeoutMs);
    this.#client.stream.once('close', () => clearTimeout(timer));
  }

  terminate(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cut();
  }

  #subscribe(): void {
    if (this.#isClosed) return;
    this.#client.subscribe(mqttTopic(this.#address, 'down'), { qos: 0 }, (error, granted) => {
      if (this.#isClosed) return;
      if (error || granted?.[0]?.qos === refusedSubscription) {
        this.#finish(`the broker refuses the subscription: ${error?.message ?? 'not granted'}`);
        return;
      }
      clearTimeout(this.#openTimer);
      this.#publishPresence(presenceOnline);
      this.#isOpen = true;
      this.#handlers.onOpened();
    });
  }

  #publishPresence(payload: string): void {
    this.#client.publish(mqttTopic(this.#address, 'presence'), payload, { qos: 0, retain: true });
  }

  #handleText(text: string): void {
    if (this.#isClosed) return;
    const closing = closingReasonOf(text);
    if (closing === undefined) this.#handlers.onText(text);
    else this.#finish(closing);
  }

  #handleError(error: Error): void {
    this.#reason = error.message || this.#reason;
    const refusal = refusalOf((error as { code?: unknown }).code);
    // The library gives up by itself what it has an error for; `close` need not follow.
    this.#finish(this.#reason, refusal);
  }

  #finish(reason: string, refusal?: LongreachError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cut();
    this.#handlers.onClosed(reason, refusal);
  }

  #cut(): void {
    this.#isOpen = false;
    clearTimeout(this.#openTimer);
    this.#client.end(true);
  }
}

function connectOptionsOf(address: MqttAddress, secret: string): IClientOptions {
  return {
    clientId: mqttClientId(address),
    username: address.publicId,
    password: secret,
    clean: true,
    protocolVersion: 4,
    will: {
      topic: mqttTopic(address, 'presence'),
      // The types want a Buffer, which browsers do not have; the library takes a text as well.
      payload: '' as never,
      qos: 0,
      retain: true,
    },
    keepalive: keepaliveS,
    connectTimeout: connectTimeoutMs,
    // Who uses the link decides when another one is opened.
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    // The library's own choice is a worker of a blob, which many pages' content security policies refuse.
    timerVariant: 'native',
  };
}

/** The reason in a `linkClosed` notice; undefined for any other text. */
function closingReasonOf(text: string): string | undefined {
  // Most texts are told apart without parsing them twice.
  if (!text.includes('"linkClosed"')) return undefined;
  try {
    const { event, body } = JSON.parse(text);
    return event === 'linkClosed' ? String(body?.reason) : undefined;
  } catch {
    return undefined;
  }
}

function createLinkId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(linkIdBytes));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
