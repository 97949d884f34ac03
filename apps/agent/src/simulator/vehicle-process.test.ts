import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeLocalFrame, LocalFrame, LocalFrameReader } from '../local/framing.ts';
import { machineClock } from '../local/machine-clock.ts';
import { encodeReleasedCommand, type ReleasedMode } from '../local/released-command.ts';
import { decodeVehicleState, type VehicleState } from '../local/vehicle-state.ts';
import { VehicleProcess } from './vehicle-process.ts';

let runtimeDir: string;
let guard: Server;
let actuator: Promise<Socket>;
let hello: Promise<unknown>;
let vehicle: VehicleProcess;
let observer: Socket;
let states: VehicleState[];
let wake: () => void;

beforeEach(async () => {
  runtimeDir = await mkdtemp(join(tmpdir(), 'longreach-vehicle-'));
  guard = createServer();
  const connected = Promise.withResolvers<Socket>();
  const greeted = Promise.withResolvers<unknown>();
  actuator = connected.promise;
  hello = greeted.promise;
  guard.on('connection', (socket) => {
    const reader = new LocalFrameReader((type, payload) => {
      if (type === LocalFrame.json) greeted.resolve(JSON.parse(payload.toString()));
    });
    socket.on('data', (chunk) => reader.push(chunk));
    socket.on('error', () => {});
    connected.resolve(socket);
  });
  vehicle = await VehicleProcess.start(runtimeDir, machineClock);
  // The vehicle was there first: it connects when the guard comes up.
  await new Promise<void>((done) => guard.listen(join(runtimeDir, 'guard.sock'), done));
  states = [];
  wake = () => {};
  observer = createConnection(join(runtimeDir, 'vehicle.sock'));
  const reader = new LocalFrameReader((_, payload) => {
    const state = decodeVehicleState(payload);
    if (state) states.push(state);
    wake();
  });
  observer.on('data', (chunk) => reader.push(chunk));
});

afterEach(async () => {
  vehicle.close();
  observer.destroy();
  (await actuator).destroy();
  guard.close();
  await rm(runtimeDir, { recursive: true, force: true });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

function order(mode: ReleasedMode, axes: number[], forMs: number): Buffer {
  const nowUs = machineClock.nowUs();
  const command = {
    mode,
    sequence: 1,
    epoch: 1,
    releasedTimeUs: nowUs,
    validUntilUs: nowUs + forMs * 1000,
    captureTimeUs: 0,
    inputTimeMs: 0,
    buttons: 0,
    axes,
    payload: new Uint8Array(0),
  };
  return encodeLocalFrame(LocalFrame.released, encodeReleasedCommand(command));
}

describe('VehicleProcess', () => {
  it('greets the guard as an actuator and stands still until it is ordered to drive', async () => {
    expect(await hello).toEqual({ hello: 'actuator' });
    await until(() => states.length >= 5);
    expect(states.every(({ mode, speedMps }) => mode === 'standstill' && speedMps === 0)).toBe(
      true,
    );
  });

  it('drives while orders come and goes to standstill by itself when the last one runs out', async () => {
    const socket = await actuator;
    await hello;
    const sentUs = machineClock.nowUs();
    socket.write(order('drive', [0, 1, 0], 400));
    await until(() => states.at(-1)?.mode === 'drive');
    expect((states.at(-1)?.modeSinceUs ?? 0) - sentUs).toBeGreaterThanOrEqual(0);
    await until(() => states.at(-1)?.mode === 'standstill');
    expect(Math.max(...states.map(({ speedMps }) => speedMps))).toBeGreaterThan(0.3);
    const overUs = (states.at(-1)?.modeSinceUs ?? 0) - (sentUs + 400_000);
    expect(overUs).toBeGreaterThanOrEqual(0);
    expect(overUs).toBeLessThan(100_000);
    await until(() => states.at(-1)?.speedMps === 0);
  });

  it('tells the guard and its listeners about itself many times a second', async () => {
    await until(() => states.length >= 20);
    const first = states[0]?.timeUs ?? 0;
    const last = states.at(-1)?.timeUs ?? 0;
    expect((last - first) / (states.length - 1)).toBeLessThan(40_000);
  });
});
