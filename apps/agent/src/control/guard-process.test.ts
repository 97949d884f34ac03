import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { noToken, RefusalCode } from '@longreach/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalFrame } from '../local/framing.ts';
import { machineClock } from '../local/machine-clock.ts';
import { encodeVehicleState } from '../local/vehicle-state.ts';
import { GuardProcess, type GuardTestClient } from './guard-process-rig.ts';

let guard: GuardProcess;
let transport: GuardTestClient;
let actuator: GuardTestClient;
let observer: GuardTestClient;

beforeEach(async () => {
  guard = await GuardProcess.start();
  [transport, actuator, observer] = await Promise.all([
    guard.connect('transport'),
    guard.connect('actuator'),
    guard.connect('observer'),
  ]);
  await transport.until(() => transport.status?.actuator);
});

afterEach(() => guard.close());

const becomeMaster = (remoteId = 'operator') =>
  transport.ask({ type: 'permission', id: 1, remoteId: remoteId as never, permission: 'master' });

async function startDriving() {
  const lease = await becomeMaster();
  transport.rearm(lease);
  transport.drive(lease);
  await actuator.until(() => actuator.orders.some((order) => order.mode === 'drive'));
  return lease;
}

describe('guard process', () => {
  it('tells the token to the transport only, and never to the log', async () => {
    const lease = await startDriving();
    expect(lease).toMatchObject({ masterId: 'operator', reason: 'granted' });
    const seen = await observer.until(
      () => observer.notices.at(-1)?.lease.masterId && observer.notices.at(-1),
    );
    expect(seen).toEqual({ type: 'lease', lease: { ...lease, token: undefined } });
    expect(await readFile(guard.stateFile, 'utf8')).toBe(`{"epoch":${lease.epoch}}\n`);
    expect((await stat(guard.socketPath)).mode & 0o777).toBe(0o600);
    transport.drive(lease, { token: noToken });
    await transport.until(() => transport.status?.refused === 1);
    await guard.kill('SIGTERM');
    expect(guard.logged).toContain('command refused');
    expect(guard.logged).not.toContain(lease.token);
  });

  it('refuses and counts a forged token and a forged epoch', async () => {
    const lease = await startDriving();
    transport.drive(lease, { token: 'ffffffffffffffff' });
    transport.drive(lease, { epoch: lease.epoch + 1 });
    transport.drive(lease, { epoch: lease.epoch - 1 });
    transport.sendFrame(LocalFrame.command, Buffer.from('no command'));
    const status = await transport.until(() => transport.status?.refused === 4 && transport.status);
    expect(status.lastRefusal).toBe(RefusalCode.Malformed);
    expect(status.released).toBe(1);
    expect(actuator.orders.filter((order) => order.mode === 'drive')).toHaveLength(1);
  });

  it('releases a command at once', async () => {
    const lease = await startDriving();
    const latenciesUs: number[] = [];
    for (let round = 0; round < 200; round++) {
      const sentUs = machineClock.nowUs();
      const before = actuator.orders.length;
      transport.drive(lease);
      const order = await actuator.until(() => actuator.orders[before]);
      latenciesUs.push(order.seenUs - sentUs);
      await new Promise(setImmediate);
    }
    latenciesUs.sort((a, b) => a - b);
    // Both ways over the socket, this process included; the figure itself is the benchmarks' business.
    expect(latenciesUs[100]).toBeLessThan(20_000);
    expect(observer.orders.length).toBeGreaterThan(0);
  });

  it('silence brings graded braking, then standstill, in time', async () => {
    await startDriving();
    await actuator.until(() => actuator.orders.at(-1)?.mode === 'standstill');
    await transport.untilMode('stopped');
    const orders = actuator.orders.slice(actuator.orders.findLastIndex((o) => o.mode === 'drive'));
    const [drive, firstBrake] = orders;
    const standstill = orders.find((order) => order.mode === 'standstill');
    if (!drive || !firstBrake || !standstill) throw new Error('an order is missing');
    const afterMs = (order: { releasedTimeUs: number }) =>
      (order.releasedTimeUs - drive.releasedTimeUs) / 1000;
    expect(firstBrake.mode).toBe('brake');
    expect(afterMs(firstBrake)).toBeGreaterThanOrEqual(300);
    expect(afterMs(firstBrake)).toBeLessThan(450);
    const brakes = orders.flatMap((order) => (order.mode === 'brake' ? [order.axes[2] ?? 0] : []));
    expect(brakes).toEqual([...brakes].sort((a, b) => a - b));
    expect(brakes.length).toBeGreaterThan(2);
    expect(standstill.releasedTimeUs).toBeGreaterThanOrEqual(drive.captureTimeUs + 500_000);
    expect(afterMs(standstill)).toBeLessThan(700);
  });

  it('an emergency stop of anybody latches until the master re-arms', async () => {
    const lease = await startDriving();
    transport.send({
      ...{ kind: 'emergencyStop', sequence: 0, epoch: 0, token: noToken, ttlMs: 1 },
      ...{ captureTimeUs: 0, inputTimeMs: 0 },
    });
    await observer.untilMode('emergency');
    await actuator.until(() => actuator.orders.at(-1)?.mode === 'standstill');
    transport.drive(lease);
    await transport.until(() => transport.status?.lastRefusal === RefusalCode.EmergencyStop);
    transport.rearm(lease);
    await transport.untilMode('armed');
    const before = actuator.orders.length;
    transport.drive(lease);
    await actuator.until(() => actuator.orders.slice(before).some((o) => o.mode === 'drive'));
    transport.sendJson({ type: 'emergencyStop', from: 'somebody' });
    await transport.untilMode('emergency');
  });

  it('a killed guard comes back under a higher epoch, and old frames stay out', async () => {
    const lease = await startDriving();
    await guard.kill('SIGKILL');
    await transport.until(() => transport.closed);
    await guard.spawn();
    transport = await guard.connect('transport');
    const now = await transport.until(() => transport.notices[0]?.lease);
    expect(now).toMatchObject({ masterId: null, reason: 'restarted' });
    expect(now.epoch).toBeGreaterThan(lease.epoch);
    transport.drive(lease);
    await transport.until(() => transport.status?.refused === 1);
    expect((await becomeMaster()).epoch).toBeGreaterThan(now.epoch);
  });

  it('goes on from the state file, and far above it when that is broken', async () => {
    const restartWith = async (text: string) => {
      await guard.kill('SIGKILL');
      await writeFile(guard.stateFile, text);
      await guard.spawn();
      transport = await guard.connect('transport');
      return transport.until(() => transport.notices[0]?.lease.epoch);
    };
    expect(await restartWith('{"epoch":7}')).toBe(8);
    expect(guard.logged).not.toContain('unreadable');
    expect(await restartWith('{"epoch":')).toBeGreaterThan(100_000_000);
    await guard.kill('SIGTERM');
    expect(guard.logged).toContain('unreadable');
  });

  it('ends a lease at once when its master left, and gives no held lease away', async () => {
    const lease = await startDriving();
    const other = { type: 'permission', id: 2, remoteId: 'other' as never } as const;
    const refused = await transport.ask({ ...other, permission: 'master' });
    expect(refused).toEqual({ ...lease, reason: 'held' });
    const again = await transport.ask({
      ...other,
      id: 3,
      remoteId: 'operator' as never,
      permission: 'master',
    });
    expect(again).toEqual(lease);
    transport.sendJson({ type: 'remoteLeft', remoteId: 'operator' });
    await transport.untilMode('stopped');
    const free = await observer.until(() =>
      observer.notices.find((n) => n.lease.reason === 'left'),
    );
    expect(free.lease).toEqual({ epoch: lease.epoch + 1, masterId: null, reason: 'left' });
    await actuator.until(() => actuator.orders.at(-1)?.mode === 'standstill');
  });

  it('an actuator lost while armed is a fault', async () => {
    const lease = await startDriving();
    actuator.socket.destroy();
    await transport.untilMode('fault');
    transport.rearm(lease);
    await transport.until(() => transport.status?.lastRefusal === RefusalCode.NotArmed);
    actuator = await guard.connect('actuator');
    await actuator.until(() => actuator.orders[0]?.mode === 'standstill');
    transport.rearm(lease);
    await transport.untilMode('armed');
  });

  it('passes vehicle state to transport and observers, a bounded number of times', async () => {
    const state = { timeUs: 5_000_000, modeSinceUs: 1, mode: 'drive', xM: 1, yM: 2 } as const;
    const rest = { headingRad: 0, speedMps: 3.5, steering: 0, drive: 0.5, brake: 0 };
    for (let step = 1; step <= 100; step++) {
      const bytes = encodeVehicleState({ ...state, ...rest, timeUs: step });
      actuator.sendFrame(LocalFrame.vehicleState, bytes);
    }
    await observer.until(() => observer.vehicleStates.at(-1)?.timeUs === 100);
    await transport.until(() => transport.vehicleStates.at(-1)?.speedMps === 3.5);
    expect(observer.vehicleStates.length).toBeLessThan(50);
  });

  it('an actuator that does not read is a fault, an observer is only dropped', async () => {
    const lease = await startDriving();
    observer.socket.pause();
    actuator.socket.pause();
    const flood = setInterval(() => {
      for (let burst = 0; burst < 20; burst++) transport.drive(lease);
    }, 5);
    try {
      await transport.untilMode('fault');
    } finally {
      clearInterval(flood);
    }
    expect(transport.status?.actuator).toBe(false);
    observer.socket.resume();
    actuator.socket.resume();
    await actuator.until(() => actuator.closed);
    expect(transport.closed).toBe(false);
  });

  it('closes only the connection that sent nonsense', async () => {
    const [rude, cheeky] = await Promise.all([
      guard.connect('observer'),
      guard.connect('observer'),
    ]);
    rude.socket.write(Buffer.alloc(16, 0xff));
    cheeky.sendFrame(LocalFrame.command, Buffer.alloc(40));
    await rude.until(() => rude.closed);
    await cheeky.until(() => cheeky.closed);
    await startDriving();
    expect(observer.closed).toBe(false);
  });

  it('orders standstill and exits when its supervisor goes', async () => {
    await startDriving();
    const { child } = guard;
    child.disconnect();
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    await actuator.until(() => actuator.closed);
    expect(actuator.orders.at(-1)?.mode).toBe('standstill');
  });
});

describe('guard process alone', () => {
  it('takes its options as an argument, and refuses unknown ones with their path', async () => {
    const main = new URL('./guard-main.ts', import.meta.url).pathname;
    const bad = promisify(execFile)(process.execPath, [main, '{"runtimeDir":"x","stateFil":1}']);
    await expect(bad).rejects.toMatchObject({ code: 1 });
    await guard.kill('SIGTERM');
    const alone = fork(main, [JSON.stringify(guard.options)], { silent: true, execArgv: [] });
    await once(alone, 'message');
    const twin = fork(main, [JSON.stringify(guard.options)], { silent: true, execArgv: [] });
    expect(await once(twin, 'exit')).toEqual([1, null]);
    alone.kill('SIGTERM');
    expect(await once(alone, 'exit')).toEqual([0, null]);
  });
});
