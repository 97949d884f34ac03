import type { FastifyInstance } from 'fastify';
import { type DestinationStream, type Logger, pino } from 'pino';
import { Accounts } from './accounts/accounts.ts';
import { createHttpServer } from './api/http-server.ts';
import { UpgradeRouter } from './api/upgrade-router.ts';
import {
  parseServerConfig,
  type ServerConfig,
  type ServerConfigInput,
} from './config/server-config.ts';
import { ServerStatsTeller } from './diagnosis/server-stats-teller.ts';
import { WorkerPool } from './media/worker-pool.ts';
import { metricsTickMs, ServerMetrics } from './metrics/server-metrics.ts';
import { monotonicClock } from './monotonic-clock.ts';
import { MqttServer } from './mqtt/mqtt-server.ts';
import { Rooms } from './rooms/rooms.ts';
import { Sessions } from './rooms/sessions.ts';
import { Ticker } from './rooms/ticker.ts';
import { Links } from './signaling/links.ts';
import { SignalingServer } from './signaling/signaling-server.ts';
import { startErrorOfListen } from './start-error.ts';

/** How often presence is judged, ms. */
const tickMs = 100;

/** What a caller may put in place of our own; tests do. */
export type StartServerOptions = {
  /** Where log lines go. Default: standard error. */
  logDestination?: DestinationStream;
  /** Program of the media workers. Default: our own. */
  workerScript?: string;
};

/** A server that listens. */
export type RunningServer = {
  /** Of the cockpit, e.g. `http://127.0.0.1:8080`. Signaling is at `/signaling` of the same host, MQTT at `/mqtt`. */
  readonly url: string;
  readonly port: number;
  /** Process ids of the living media workers. */
  workerPids(): number[];
  /** Makes a one-time login code for a remote device: POST /api/login {code}. */
  createLoginCode(deviceId: string): string;
  /** Closes links, workers and HTTP, in this order; idempotent. */
  close(): Promise<void>;
};

/** Starts a server. Rejects with `StartError`, whose message is one clear line; nothing is left running then. */
export async function startServer(
  input: ServerConfigInput | ServerConfig,
  options: StartServerOptions = {},
): Promise<RunningServer> {
  const config = parseServerConfig(input);
  const log = createLog(config, options.logDestination);
  const clock = monotonicClock;
  const accounts = new Accounts(config, clock);
  const script = options.workerScript;
  const workers = new WorkerPool({ config, log, ...(script === undefined ? {} : { script }) });
  const sessions = new Sessions(config, clock, log);
  const rooms = new Rooms({ config, clock, devices: accounts.devices, sessions, workers, log });
  new ServerStatsTeller(rooms, workers, clock);
  const metrics =
    config.metrics && new ServerMetrics({ config, accounts, sessions, rooms, workers });
  const http = await createHttpServer({ config, clock, accounts, rooms, workers, metrics });
  await workers.start();
  const services = { config, clock, accounts, sessions, rooms, workers, log };
  const router = new UpgradeRouter(http.server);
  const links = new Links(services);
  const signaling = new SignalingServer(router, links, log);
  const mqtt = config.mqtt.enabled
    ? await MqttServer.start({
        ...{ config, router, accounts, links, log },
        hasSession: (deviceId) => sessions.findByDevice(deviceId) !== undefined,
      })
    : undefined;
  const tickers = [
    new Ticker(tickMs, () => {
      sessions.tick();
      rooms.tick();
    }),
    new Ticker(config.timings.heartbeatMs, () => sessions.sendAlive()),
    ...(metrics ? [new Ticker(metricsTickMs, () => metrics.tick())] : []),
  ];
  const close = once(async () => {
    log.info('server closing');
    for (const ticker of tickers) ticker.close();
    for (const session of sessions.all()) sessions.end(session, 'serverClosing');
    router.close();
    signaling.close();
    await workers.close();
    signaling.terminate();
    await mqtt?.close();
    await http.close();
  });
  try {
    await listen(http, config);
    await mqtt?.listen();
  } catch (error) {
    await close();
    throw error;
  }
  const port = portOf(http);
  log.info({ host: config.http.host, port }, 'server listening');
  return {
    url: urlOf(config.http.host, port),
    port,
    workerPids: () => workers.pids(),
    createLoginCode: (deviceId) => accounts.createLoginCode(deviceId),
    close,
  };
}

function createLog(config: ServerConfig, destination: DestinationStream | undefined): Logger {
  // Nothing that is secret is ever handed to the log; the list is the second line.
  const redact = ['secret', 'token', 'resumeToken', 'key', 'signingSecret', 'lease.token'].flatMap(
    (name) => [name, `*.${name}`],
  );
  return pino(
    { level: config.logLevel, base: { nodeId: config.nodeId }, redact },
    destination ?? pino.destination({ fd: 2, sync: true }),
  );
}

async function listen(http: FastifyInstance, config: ServerConfig): Promise<void> {
  const { host, port } = config.http;
  try {
    await http.listen({ host, port });
  } catch (error) {
    throw startErrorOfListen(error, `${host}:${port}`);
  }
}

function portOf(http: FastifyInstance): number {
  const address = http.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A URL that a browser on this machine can open. */
function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}
