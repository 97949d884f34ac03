import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LinkModel } from './link-model.ts';
import type { LegSettings, LinkSettings } from './link-settings.ts';
import type { PathCounts } from './path-counters.ts';
import { profileOf } from './profiles.ts';
import { createRelay, type Relay, type RelayOptions } from './relay.ts';

/** Generous: the machine may be busy. */
const soon = <T>(check: () => T | Promise<T>) => vi.waitFor(check, 10_000);

const opened: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function udpSocket(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 });
  opened.push(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

type Arrival = { text: string; atMs: number };

/** A target that keeps what it got, a relay to it, and a client that sends through it. */
async function pathWith(profile: LegSettings, options: Partial<RelayOptions> = {}) {
  const [target, client] = [await udpSocket(), await udpSocket()];
  const relay = await createRelay({
    to: { address: '127.0.0.1', port: target.address().port },
    profile,
    ...options,
  });
  opened.push(() => relay.close());
  const arrivals: Arrival[] = [];
  target.on('message', (packet) =>
    arrivals.push({ text: packet.toString(), atMs: performance.now() }),
  );
  const send = (text: string) =>
    new Promise<void>((resolve) => client.send(text, relay.port, '127.0.0.1', () => resolve()));
  return { relay, target, client, arrivals, send };
}

function toTarget(settings: LinkSettings): LegSettings {
  return { toTarget: settings, toFlow: {} };
}

function settled(relay: Relay, arrived: number): Promise<PathCounts> {
  return soon(() => {
    const counts = relay.counters().toTarget;
    expect([counts.arrivedPackets, counts.waitingPackets]).toEqual([arrived, 0]);
    return counts;
  });
}

describe('relay with a link', () => {
  it('loses exactly the packets that the seed says, in order, and counts them', async () => {
    const settings = profileOf('loss30', { seed: 11, roundTripMs: 8 }).toTarget;
    const { relay, arrivals, send } = await pathWith(toTarget(settings));
    for (let i = 0; i < 400; i++) await send(`${i}`);
    const counts = await settled(relay, 400);
    const model = new LinkModel(settings, 0);
    const kept = Array.from({ length: 400 }, (_, i) => `${i}`).filter(
      () => model.handlePacket(1, 0).kind === 'delivered',
    );
    await soon(() => expect(arrivals).toHaveLength(kept.length));
    expect(arrivals.map(({ text }) => text)).toEqual(kept);
    expect(counts.deliveredPackets).toBe(kept.length);
    expect(counts.droppedPackets).toMatchObject({ loss: 400 - kept.length, overflow: 0 });
  });

  it('delivers no packet before its delay, both ways', async () => {
    const { target, client, arrivals, send } = await pathWith(
      profileOf('clean', { roundTripMs: 120 }),
    );
    target.on('message', (packet, { port, address }) => target.send(packet, port, address));
    const answers: Arrival[] = [];
    client.on('message', (packet) =>
      answers.push({ text: packet.toString(), atMs: performance.now() }),
    );
    const sentMs = performance.now();
    await send('ping');
    await soon(() => expect(answers).toHaveLength(1));
    expect((arrivals[0]?.atMs ?? 0) - sentMs).toBeGreaterThan(29.5);
    expect((answers[0]?.atMs ?? 0) - (arrivals[0]?.atMs ?? 0)).toBeGreaterThan(29.5);
  });

  it('delivers twice what is duplicated', async () => {
    const { relay, arrivals, send } = await pathWith(toTarget({ duplicateShare: 1, delayMs: 2 }));
    await send('a');
    await soon(() => expect(arrivals.map(({ text }) => text)).toEqual(['a', 'a']));
    expect(relay.counters().toTarget).toMatchObject({
      arrivedPackets: 1,
      duplicatedPackets: 1,
      deliveredPackets: 2,
    });
  });

  it('drops what finds a slow link full', async () => {
    const { relay, send } = await pathWith(toTarget({ rate: 80, queue: { bytes: 300 } }));
    for (let i = 0; i < 20; i++) await send('x'.repeat(72));
    const counts = await settled(relay, 20);
    expect(counts.droppedPackets.queue).toBeGreaterThan(5);
    expect(counts.deliveredPackets + counts.droppedPackets.queue).toBe(20);
  });

  it('becomes another link while it runs, and no packet overtakes', async () => {
    const { relay, arrivals, send } = await pathWith(toTarget({ delayMs: 400 }));
    await send('slow');
    await soon(() => expect(relay.counters().toTarget.waitingPackets).toBe(1));
    relay.setProfile(toTarget({}));
    await send('fast');
    await soon(() => expect(arrivals).toHaveLength(2));
    expect(arrivals.map(({ text }) => text)).toEqual(['slow', 'fast']);
    relay.setProfile(toTarget({ loss: { kind: 'uniform', share: 1 } }));
    await send('lost');
    await soon(() => expect(relay.counters().toTarget.droppedPackets.loss).toBe(1));
    expect(() => relay.setProfile(toTarget({ delayMs: -1 }))).toThrow(RangeError);
  });

  it('loses what is on the way when the path is cut', async () => {
    const { relay, arrivals, send } = await pathWith(toTarget({ delayMs: 400 }));
    await send('x');
    await soon(() => expect(relay.counters().toTarget.waitingPackets).toBe(1));
    relay.cut('toTarget');
    await soon(() => expect(relay.counters().toTarget.droppedPackets.cut).toBe(1));
    relay.restore();
    await send('y');
    await soon(() => expect(arrivals.map(({ text }) => text)).toEqual(['y']));
  });

  it('bounds what is on the way, and survives flows that go meanwhile', async () => {
    const bounded = await pathWith(toTarget({ delayMs: 500 }), { maxWaitingBytes: 50 });
    for (let i = 0; i < 8; i++) await bounded.send('0123456789');
    await soon(() => expect(bounded.relay.counters().toTarget.droppedPackets.overflow).toBe(3));
    const single = await pathWith(toTarget({ delayMs: 400 }), { maxFlows: 1 });
    await single.send('first');
    await soon(() => expect(single.relay.counters().flows).toBe(1));
    const other = await udpSocket();
    other.send('second', single.relay.port, '127.0.0.1');
    await soon(() => expect(single.arrivals.map(({ text }) => text)).toEqual(['second']));
    expect(single.relay.counters().toTarget.droppedPackets.overflow).toBe(1);
  });

  it('closes with packets on the way', async () => {
    const { relay, send, arrivals } = await pathWith(toTarget({ delayMs: 5 }));
    await send('x');
    await soon(() => expect(relay.counters().toTarget.arrivedPackets).toBe(1));
    const before = arrivals.length;
    await relay.close();
    expect(arrivals.length).toBe(before);
  });
});
