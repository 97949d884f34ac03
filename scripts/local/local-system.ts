import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import {
  type AgentOptions,
  parseConfig,
  type RunningAgent,
  simulatorConfig,
  startAgent,
} from '@longreach/agent';
import { hashDeviceKey, type ServerConfigInput } from '@longreach/server';
import { type LocalServer, startLocalServer } from './local-server.ts';

/** What may differ between the demo, a test and a benchmark. */
export type LocalSystemOptions = {
  /** 0 = any free port (default). */
  httpPort?: number;
  /** First UDP port of the workers. Default: one that is free now. */
  mediaPort?: number;
  cockpitDir?: string;
  /** Draw the in-pixel stamp. Default no. */
  stamp?: boolean;
  /** Frames a second of the front camera. Default 30. */
  frontFps?: number;
  /** Addresses announced for media instead of the bound one. */
  announcedAddresses?: string[];
  /** Changes to the machine's configuration. */
  adjustMachine?: (config: Record<string, unknown>) => void;
  /** More of the server's configuration. */
  server?: Partial<ServerConfigInput>;
  /** Is given everything that server and machine log, as it comes. */
  onLog?: (text: string) => void;
};

/** A server and a simulated machine on this computer, with keys made for this run. */
export type LocalSystem = {
  readonly server: LocalServer;
  readonly agent: RunningAgent;
  readonly mediaPort: number;
  /** The machine's id. */
  readonly machineId: string;
  /** Keys of the remote devices `operator-1` and `operator-2`. */
  readonly operatorKeys: ReadonlyMap<string, string>;
  /** A page address with a one-time login code in its fragment. */
  loginUrl(operatorId?: string): Promise<string>;
  close(): Promise<void>;
};

const machineId = 'rover-1';
const operators = ['operator-1', 'operator-2'];

/** Starts both; rejects with one clear line, leaving nothing behind. */
export async function startLocalSystem(options: LocalSystemOptions = {}): Promise<LocalSystem> {
  const machineKey = randomKey();
  const operatorKeys = new Map(operators.map((id) => [id, randomKey()]));
  const mediaPort = options.mediaPort ?? (await freeUdpPort());
  const { announcedAddresses, cockpitDir } = options;
  const config = {
    ...options.server,
    http: { port: options.httpPort ?? 0 },
    media: {
      workers: 1,
      firstPort: mediaPort,
      ...(announcedAddresses ? { announcedAddresses } : {}),
      ...options.server?.media,
    },
    devices: [
      device(machineId, 'field', machineKey),
      ...[...operatorKeys].map(([id, key]) => device(id, 'remote', key)),
    ],
    ...(cockpitDir ? { cockpitDir } : {}),
  };
  const server = await startLocalServer(config, options.onLog);
  try {
    const agent = await startMachine(server, machineKey, options);
    return {
      server,
      agent,
      mediaPort,
      machineId,
      operatorKeys,
      loginUrl: async (operatorId = 'operator-1') =>
        `${server.url}/#code=${await server.createLoginCode(operatorId)}`,
      close: async () => {
        await agent.close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

function startMachine(
  server: LocalServer,
  password: string,
  options: LocalSystemOptions,
): Promise<RunningAgent> {
  const config = simulatorConfig({
    deviceId: machineId,
    deviceName: 'Rover 1 (simulated)',
    serverUrl: `${server.url.replace(/^http/, 'ws')}/signaling`,
    password,
    stamp: options.stamp ?? false,
    frontFps: options.frontFps ?? 30,
  });
  options.adjustMachine?.(config);
  return startAgent({ config: parseConfig(config).config, log: machineLog(options.onLog) });
}

function device(deviceId: string, role: 'field' | 'remote', key: string) {
  return { deviceId: deviceId as never, role, keySha256: hashDeviceKey(key) };
}

function randomKey(): string {
  return randomBytes(24).toString('base64url');
}

/** A UDP port that nobody used a moment ago. */
export function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** Only what somebody must act upon reaches the terminal, unless LONGREACH_LOG asks for all. */
function machineLog(onLog: (text: string) => void = () => {}): AgentOptions['log'] {
  const write = (level: string, isShown: boolean) => (fields: object, message: string) => {
    const line = `machine: ${level}: ${message} ${JSON.stringify(fields)}\n`;
    onLog(line);
    if (isShown || process.env.LONGREACH_LOG) process.stderr.write(line);
  };
  return {
    debug: write('debug', false),
    info: write('info', false),
    warn: write('warn', false),
    error: write('error', true),
  };
}
