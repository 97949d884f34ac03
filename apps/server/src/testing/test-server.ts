import { fileURLToPath } from 'node:url';
import { hashDeviceKey } from '../accounts/device-keys.ts';
import type { ServerConfigInput } from '../config/server-config.ts';
import { type RunningServer, startServer } from '../server.ts';
import { TestClient } from './test-client.ts';

/** Keys of the devices that every test server knows. */
export const testKeys = {
  'rover-1': 'rover-1-key-0123456789abcdef0123456789',
  'rover-2': 'rover-2-key-0123456789abcdef0123456789',
  'operator-1': 'operator-1-key-0123456789abcdef01234',
  'operator-2': 'operator-2-key-0123456789abcdef01234',
} as const;
export type TestDevice = keyof typeof testKeys;

/** Signs the tokens of test servers. */
export const testSigningSecret = 'a signing secret for tests, 32 characters or more';

/** A server of its own for one test, with the fake worker, and its log. */
export type TestServer = {
  running: RunningServer;
  logText: () => string;
  connect: () => Promise<TestClient>;
  /** A logged-in client. */
  login: (deviceId: TestDevice, body?: object) => Promise<TestClient>;
  close: () => Promise<void>;
};

/** Two streams: one with video and audio, one with video only. */
export const testStreams = [
  { streamId: 0, name: 'front', width: 1280, height: 720, fps: 30, mediaTypes: ['video', 'audio'] },
  { streamId: 1, name: 'rear', width: 640, height: 360, fps: 15, mediaTypes: ['video'] },
];

// Each test file is a process of its own; the media port is only probed, never used by the fake worker.
const firstPort = 30_000 + (process.pid % 15_000) * 2;

/** The configuration of a test server. */
export function testConfig(overrides: Partial<ServerConfigInput> = {}): ServerConfigInput {
  return {
    signingSecret: testSigningSecret,
    http: { port: 0 },
    media: { workers: 1, firstPort },
    devices: Object.entries(testKeys).map(([deviceId, key]) => ({
      deviceId,
      role: deviceId.startsWith('rover') ? 'field' : 'remote',
      keySha256: hashDeviceKey(key),
    })),
    logLevel: 'debug',
    ...overrides,
  };
}

/** Path of the worker without media. */
export const fakeWorker = fileURLToPath(
  new URL('../media/testing/fake-worker.ts', import.meta.url),
);

/** Starts a server for a test. */
export async function startTestServer(
  overrides: Partial<ServerConfigInput> = {},
): Promise<TestServer> {
  const lines: string[] = [];
  const running = await startServer(testConfig(overrides), {
    logDestination: { write: (line) => void lines.push(line) },
    workerScript: fakeWorker,
  });
  const clients: TestClient[] = [];
  const connect = async () => {
    const client = await TestClient.open(running.url);
    clients.push(client);
    return client;
  };
  const login = async (deviceId: TestDevice, body: object = {}) => {
    const client = await connect();
    await client.login(deviceId, testKeys[deviceId], body);
    return client;
  };
  const close = async () => {
    for (const client of clients) client.close();
    await running.close();
  };
  return { running, logText: () => lines.join(''), connect, login, close };
}
