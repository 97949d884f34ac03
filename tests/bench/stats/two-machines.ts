import { randomBytes } from 'node:crypto';
import { parseConfig, type RunningAgent, simulatorConfig, startAgent } from '@longreach/agent';
import { hashDeviceKey } from '@longreach/server';
import { type LocalServer, startLocalServer } from '../../../scripts/local/local-server.ts';
import { freeUdpPort } from '../../../scripts/local/local-system.ts';

/** A server and two machines of eight small streams each: as many tracks as a station may show. */
export type TwoMachines = {
  readonly server: LocalServer;
  readonly machineIds: readonly string[];
  readonly operatorId: string;
  readonly operatorKey: string;
  close(): Promise<void>;
};

/** Streams of each machine. */
export const streamsOfEach = 8;
const machineIds = ['rover-1', 'rover-2'];
const operatorId = 'operator-1';
/** Slow pictures: what statistics cost must stand out of what decoding costs. */
const stream = { protocol: 'simulator', width: 320, height: 180, fps: 10, bps: 150, min_bps: 100 };
const views = 4;
const noLog = { debug() {}, info() {}, warn() {}, error() {} };

/** Starts them; rejects leaving nothing behind. */
export async function startTwoMachines(cockpitDir: string): Promise<TwoMachines> {
  const keys = new Map([...machineIds, operatorId].map((id) => [id, randomKey()]));
  const server = await startLocalServer({
    http: { port: 0 },
    media: { workers: 1, firstPort: await freeUdpPort() },
    devices: [...keys].map(([deviceId, key]) => ({
      deviceId: deviceId as never,
      role: deviceId === operatorId ? ('remote' as const) : ('field' as const),
      keySha256: hashDeviceKey(key),
    })),
    cockpitDir,
  });
  const agents: RunningAgent[] = [];
  const close = async () => {
    for (const agent of agents) await agent.close();
    await server.close();
  };
  try {
    for (const id of machineIds) agents.push(await startMachine(server, id, keys.get(id) ?? ''));
    return { server, machineIds, operatorId, operatorKey: keys.get(operatorId) ?? '', close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startMachine(
  server: LocalServer,
  deviceId: string,
  password: string,
): Promise<RunningAgent> {
  const config = simulatorConfig({
    deviceId,
    deviceName: deviceId,
    serverUrl: `${server.url.replace(/^http/, 'ws')}/signaling`,
    password,
  });
  config.device_streams = streamsOfEach;
  config.streams_config = Array.from({ length: streamsOfEach }, (_, i) => ({
    ...stream,
    camera: i % views,
  }));
  return startAgent({ config: parseConfig(config).config, log: noLog });
}

function randomKey(): string {
  return randomBytes(24).toString('base64url');
}
