import { type MqttAddress, mqttClientId, mqttTopic, presenceOnline } from '@longreach/protocol';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

type Message = {
  re?: number;
  code?: number;
  event?: string;
  state?: string;
  body?: Record<string, unknown>;
};

/** How long a test waits for what comes, ms; only reached when the test fails. */
const patienceMs = 5_000;
let links = 0;

/** An MQTT client that does what a test says, allowed or not. */
export class MqttTestClient {
  readonly address: MqttAddress;
  readonly client: MqttClient;
  readonly messages: Message[] = [];
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;
  #nextId = 1;

  private constructor(address: MqttAddress, client: MqttClient) {
    this.address = address;
    this.client = client;
    this.closed = new Promise((resolve) => client.once('close', () => resolve()));
    client.on('message', (_topic, payload) => {
      this.messages.push(JSON.parse(payload.toString() || '{}'));
    });
    client.on('error', () => {});
  }

  /** Connects as this device; rejects with the return code of CONNACK, or 0 when there was none. */
  static async connect(
    url: string,
    publicId: string,
    secret: string,
    overrides: IClientOptions = {},
    linkId = `link-${process.pid}-${links++}`,
  ): Promise<MqttTestClient> {
    const address = { publicId, linkId };
    const client = mqtt.connect(url, {
      clientId: mqttClientId(address),
      username: publicId,
      password: secret,
      will: { topic: mqttTopic(address, 'presence'), payload: '' as never, qos: 0, retain: true },
      reconnectPeriod: 0,
      ...overrides,
    });
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', (error) => reject((error as { code?: unknown }).code));
      client.once('close', () => reject(0));
    });
    return new MqttTestClient(address, client);
  }

  /** The same, and subscribes and shows its presence, as our clients do. */
  static async open(url: string, publicId: string, secret: string): Promise<MqttTestClient> {
    const test = await MqttTestClient.connect(url, publicId, secret);
    await test.client.subscribeAsync(mqttTopic(test.address, 'down'));
    test.publish('presence', presenceOnline, true);
    return test;
  }

  publish(kind: 'up' | 'presence', text: string, retain = false): void {
    this.client.publish(mqttTopic(this.address, kind), text, { retain });
  }

  /** Asks and waits for the reply. */
  async request(verb: string, body: object): Promise<Message> {
    const id = this.#nextId++;
    this.publish('up', JSON.stringify({ v: 1, id, verb, body }));
    return this.next((message) => message.re === id);
  }

  /** The first message that fits, also one that has come already. */
  async next(fits: (message: Message) => boolean): Promise<Message> {
    const deadlineMs = performance.now() + patienceMs;
    for (;;) {
      const found = this.messages.find(fits);
      if (found) return found;
      if (performance.now() > deadlineMs) throw new Error('the message never came');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): void {
    this.client.end(true);
  }
}
