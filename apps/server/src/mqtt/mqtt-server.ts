import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { mqttPath } from '@longreach/protocol';
import type { Logger } from 'pino';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { refuseUpgrade, type UpgradeRouter } from '../api/upgrade-router.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { LinkHost } from '../signaling/links.ts';
import { maxReadBytes } from '../signaling/signaling-server.ts';
import { startErrorOfListen } from '../start-error.ts';
import type { LoginChecks } from './broker-rights.ts';
import { EmbeddedBroker } from './embedded-broker.ts';
import { MqttSignaling } from './mqtt-signaling.ts';

/** What MQTT is served with. */
export type MqttServerOptions = LoginChecks & {
  config: ServerConfig;
  router: UpgradeRouter;
  links: LinkHost;
  log: Pick<Logger, 'debug'>;
};

/** WebSocket subprotocol of MQTT 3.1.1. */
const subprotocol = 'mqtt';
/** A frame may hold a whole packet with its header. */
const maxFrameBytes = maxReadBytes + 1024;

/** Takes MQTT connections over WebSockets of the HTTP server, and over TCP where the configuration says so. */
export class MqttServer {
  readonly #options: MqttServerOptions;
  readonly #broker: EmbeddedBroker;
  readonly #sockets: WebSocketServer;
  readonly #listeners: Server[] = [];

  private constructor(options: MqttServerOptions, broker: EmbeddedBroker) {
    this.#options = options;
    this.#broker = broker;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: maxFrameBytes,
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    });
    const signaling = new MqttSignaling(broker, options.links);
    broker.on('messageReceived', ({ topic, payload }) => signaling.handleMessage(topic, payload));
    broker.on('clientGone', ({ link }) => signaling.handleGone(link));
    options.router.add(mqttPath, (request, socket, head) =>
      this.#handleUpgrade(request, socket, head),
    );
  }

  /** Starts the broker; it listens only where `listen` says. */
  static async start(options: MqttServerOptions): Promise<MqttServer> {
    const { loginMs } = options.config.timings;
    return new MqttServer(options, await EmbeddedBroker.start({ ...options, loginMs }));
  }

  /** Opens the TCP ports of the configuration. Rejects with StartError. */
  async listen(): Promise<void> {
    for (const { host, port } of this.#options.config.mqtt.listeners) {
      const listener = createServer((socket) => this.#handleSocket(socket));
      listener.maxConnections = this.#options.config.limits.connections;
      this.#listeners.push(listener);
      await new Promise<void>((resolve, reject) => {
        listener.once('error', (error) => reject(startErrorOfListen(error, `${host}:${port}`)));
        listener.listen(port, host, resolve);
      });
    }
  }

  /** Cuts the connections that are left, after the router has closed; idempotent. */
  async close(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    this.#sockets.close();
    await this.#broker.close();
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const release = this.#options.links.reserve();
    if (!release) {
      refuseUpgrade(socket, '503 Service Unavailable');
      return;
    }
    socket.once('close', release);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const address = request.socket.remoteAddress ?? 'unknown';
      this.#broker.accept(createWebSocketStream(webSocket), address, release);
    });
  }

  #handleSocket(socket: Socket): void {
    const release = this.#options.links.reserve();
    if (release) this.#broker.accept(socket, socket.remoteAddress ?? 'unknown', release);
    else socket.destroy();
  }
}
