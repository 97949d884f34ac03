import type { Duplex } from 'node:stream';
import { Emitter } from '@longreach/kit';
import {
  type MqttAddress,
  mqttClientId,
  mqttTopic,
  mqttTopicFilter,
  parseMqttClientId,
} from '@longreach/protocol';
import { Aedes, type AedesPublishPacket, type Client, type PublishPacket } from 'aedes';
import type { Logger } from 'pino';
import { maxReadBytes } from '../signaling/signaling-server.ts';
import type { Broker, BrokerEvents } from './broker.ts';
import {
  assertMqttLogin,
  connectComplaintOf,
  type LoginChecks,
  mayPublish,
  maySubscribe,
} from './broker-rights.ts';
import { LimitedStream } from './limited-stream.ts';

/** What the broker checks with, and how long it waits. */
export type EmbeddedBrokerOptions = LoginChecks & {
  log: Pick<Logger, 'debug'>;
  /** A connection that has not shown its presence by then is cut, ms. */
  loginMs: number;
};

/** One connection, from its acceptance on. */
type Peer = {
  stream: LimitedStream;
  address: string;
  deadline: NodeJS.Timeout;
  /** Gives its place among the connections without a link free. */
  release: () => void;
};

/** Longest packet before its sender is known: identifiers, last will and secret. */
const maxConnectBytes = 8 * 1024;
/** Longest packet after: a message that is somewhat too large is answered, not cut. Topic and header besides. */
const maxPacketBytes = maxReadBytes + 512;
/** Packets that may follow a CONNECT while its secret is checked. */
const maxEarlyPackets = 16;
/** A client that reads nothing for so long is cut, ms. Its link is closed before, by the bytes that wait. */
const drainTimeoutMs = 10_000;
const maxTopicLevels = 8;

/** The broker inside this server (aedes): clients with a secret, each with its own topics, in memory. */
export class EmbeddedBroker extends Emitter<BrokerEvents> implements Broker {
  readonly #options: EmbeddedBrokerOptions;
  readonly #aedes: Aedes;
  readonly #peers = new Map<Client, Peer>();
  readonly #clients = new Map<string, Client>();

  private constructor(options: EmbeddedBrokerOptions) {
    super();
    this.#options = options;
    this.#aedes = new Aedes({
      connectTimeout: options.loginMs,
      drainTimeout: drainTimeoutMs,
      queueLimit: maxEarlyPackets,
      maxTopicLevels,
      preConnect: (_client, packet, done) => {
        const complaint = connectComplaintOf(packet);
        done(complaint === undefined ? null : new Error(complaint), complaint === undefined);
      },
      authenticate: (client, _username, password, done) => {
        this.#authenticate(client, password).then(
          () => done(null, true),
          (error) => done(error, null),
        );
      },
      authorizePublish: (client, packet, done) => done(this.#publishError(client, packet)),
      authorizeSubscribe: (client, subscription, done) =>
        maySubscribe(client.id, subscription)
          ? done(null, subscription)
          : done(new Error('this topic is not for this client')),
    });
  }

  /** Starts a broker that knows no connection yet. */
  static async start(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const broker = new EmbeddedBroker(options);
    await broker.#aedes.listen();
    broker.#hear();
    return broker;
  }

  /** Takes a connection; `release` is called once it has a link, or is gone. */
  accept(inner: Duplex, address: string, release: () => void): void {
    const stream = new LimitedStream(inner, maxConnectBytes);
    const deadline = setTimeout(() => stream.destroy(), this.#options.loginMs);
    const client = this.#aedes.handle(stream);
    this.#peers.set(client, { stream, address, deadline, release });
    stream.once('close', () => {
      this.#settle(client);
      this.#peers.delete(client);
    });
  }

  send(to: MqttAddress, text: string, onSent: () => void): void {
    const client = this.#clients.get(mqttClientId(to));
    // Past the broker's queue of all messages, in which one slow reader would hold up everybody.
    if (client) client.publish(packetOf(mqttTopic(to, 'down'), text, false), onSent);
    else onSent();
  }

  forget(link: MqttAddress): void {
    this.#aedes.publish(packetOf(mqttTopic(link, 'presence'), '', true), () => {});
  }

  addressOf(link: MqttAddress): string | undefined {
    const client = this.#clients.get(mqttClientId(link));
    return client && this.#peers.get(client)?.address;
  }

  disconnect(link: MqttAddress): void {
    this.#clients.get(mqttClientId(link))?.close();
  }

  /** Cuts every connection; idempotent. */
  async close(): Promise<void> {
    for (const { stream } of this.#peers.values()) stream.destroy();
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
  }

  /** What clients publish is heard by this server alone: no client may subscribe to another's topic. */
  #hear(): void {
    for (const kind of ['up', 'presence'] as const) {
      const deliver = ({ topic, payload }: AedesPublishPacket, done: () => void) => {
        this.emit('messageReceived', { topic, payload: Buffer.from(payload) });
        done();
      };
      this.#aedes.subscribe(mqttTopicFilter(kind), deliver, () => {});
    }
    this.#aedes.on('client', (client) => this.#clients.set(client.id, client));
    this.#aedes.on('clientDisconnect', (client) => this.#handleGone(client));
    const handleError = (client: Client, error: Error) =>
      this.#options.log.debug({ err: error, clientId: client.id }, 'MQTT connection failed');
    this.#aedes.on('clientError', handleError);
    this.#aedes.on('connectionError', handleError);
  }

  #handleGone(client: Client): void {
    if (this.#clients.get(client.id) !== client) return;
    this.#clients.delete(client.id);
    const link = parseMqttClientId(client.id);
    if (link) this.emit('clientGone', { link });
  }

  async #authenticate(client: Client, password: Uint8Array | undefined): Promise<void> {
    const peer = this.#peers.get(client);
    if (!peer) throw new Error('the connection is gone');
    const { address } = peer;
    await assertMqttLogin(this.#options, { clientId: client.id, password, address });
    peer.stream.maxPacketBytes = maxPacketBytes;
  }

  /** With the first that it may publish, a client is as good as a link. */
  #publishError(client: Client | null, packet: PublishPacket): Error | null {
    if (client === null || !mayPublish(client.id, packet)) {
      return new Error('this is not for this client to publish');
    }
    this.#settle(client);
    return null;
  }

  #settle(client: Client): void {
    const peer = this.#peers.get(client);
    clearTimeout(peer?.deadline);
    peer?.release();
  }
}

function packetOf(topic: string, text: string, retain: boolean): PublishPacket {
  return { cmd: 'publish', topic, payload: Buffer.from(text), qos: 0, retain, dup: false };
}
