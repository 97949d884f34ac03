import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRelay, type Relay, type RelayOptions } from './relay.ts';

const opened: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function udpSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  opened.push(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** A target that keeps what it got and answers each packet with `re:` before it. */
async function echoTarget(): Promise<{ port: number; received: string[]; from: Set<number> }> {
  const socket = await udpSocket();
  const received: string[] = [];
  const from = new Set<number>();
  socket.on('message', (packet, { port, address }) => {
    received.push(packet.toString());
    from.add(port);
    socket.send(`re:${packet}`, port, address);
  });
  return { port: socket.address().port, received, from };
}

async function relayTo(port: number, options: Partial<RelayOptions> = {}): Promise<Relay> {
  const relay = await createRelay({ to: { address: '127.0.0.1', port }, ...options });
  opened.push(() => relay.close());
  return relay;
}

async function client(relay: Relay) {
  const socket = await udpSocket();
  const received: string[] = [];
  socket.on('message', (packet) => received.push(packet.toString()));
  const send = (text: string) => socket.send(text, relay.port, '127.0.0.1');
  return { send, received };
}

describe('relay', () => {
  it('carries packets both ways and gives each client its own answers', async () => {
    const target = await echoTarget();
    const relay = await relayTo(target.port);
    const [a, b] = [await client(relay), await client(relay)];
    a.send('one');
    b.send('two');
    await vi.waitFor(() => expect([a.received, b.received]).toEqual([['re:one'], ['re:two']]));
    expect(target.from.size).toBe(2);
    const counts = (packets: number, bytes: number) => ({
      arrivedPackets: packets,
      arrivedBytes: bytes,
      deliveredPackets: packets,
      deliveredBytes: bytes,
      droppedPackets: { loss: 0, queue: 0, outage: 0, cut: 0, overflow: 0 },
      droppedBytes: 0,
      duplicatedPackets: 0,
      waitingPackets: 0,
      waitingBytes: 0,
    });
    expect(relay.counters()).toEqual({
      toTarget: counts(2, 6),
      toFlow: counts(2, 12),
      flows: 2,
      evictedFlows: 0,
    });
  });

  it('keeps the upstream address of a client, over a cut too', async () => {
    const target = await echoTarget();
    const relay = await relayTo(target.port);
    const { send, received } = await client(relay);
    send('a');
    await vi.waitFor(() => expect(received).toEqual(['re:a']));
    relay.cut();
    relay.restore();
    send('b');
    await vi.waitFor(() => expect(received).toEqual(['re:a', 're:b']));
    expect(target.from.size).toBe(1);
  });

  it('drops towards the target only when cut that way', async () => {
    const target = await echoTarget();
    const relay = await relayTo(target.port);
    const { send, received } = await client(relay);
    relay.cut('toTarget');
    send('lost');
    await vi.waitFor(() => expect(relay.counters().toTarget.droppedBytes).toBe(4));
    relay.restore('toTarget');
    send('kept');
    await vi.waitFor(() => expect(received).toEqual(['re:kept']));
    expect(target.received).toEqual(['kept']);
  });

  it('drops towards the client only when cut that way', async () => {
    const target = await echoTarget();
    const relay = await relayTo(target.port);
    const { send, received } = await client(relay);
    relay.cut('toFlow');
    send('heard');
    await vi.waitFor(() => expect(relay.counters().toFlow.droppedPackets.cut).toBe(1));
    expect(target.received).toEqual(['heard']);
    relay.restore('toFlow');
    send('again');
    await vi.waitFor(() => expect(received).toEqual(['re:again']));
  });

  it('restores one direction of a whole cut', async () => {
    const target = await echoTarget();
    const relay = await relayTo(target.port);
    const { send, received } = await client(relay);
    relay.cut();
    relay.restore('toTarget');
    send('x');
    await vi.waitFor(() => expect(relay.counters().toFlow.droppedPackets.cut).toBe(1));
    expect(received).toEqual([]);
  });

  it('gives the place of the client silent longest to a new one', async () => {
    const target = await echoTarget();
    const relay = await relayTo(target.port, { maxFlows: 2 });
    const [a, b, c] = [await client(relay), await client(relay), await client(relay)];
    const exchange = async (peer: typeof a, text: string) => {
      peer.send(text);
      await vi.waitFor(() => expect(peer.received.at(-1)).toBe(`re:${text}`));
    };
    await exchange(a, 'a1');
    await exchange(b, 'b1');
    await exchange(a, 'a2');
    await exchange(c, 'c1');
    expect(relay.counters()).toMatchObject({ flows: 2, evictedFlows: 1 });
    await exchange(a, 'a3');
    expect(relay.counters()).toMatchObject({ flows: 2, evictedFlows: 1 });
  });

  it('lets nobody but the target answer', async () => {
    const target = await echoTarget();
    const relay = await relayTo(target.port);
    const { send, received } = await client(relay);
    send('a');
    await vi.waitFor(() => expect(received).toEqual(['re:a']));
    const stranger = await udpSocket();
    const [upstreamPort = 0] = target.from;
    await new Promise((sent) => stranger.send('forged', upstreamPort, '127.0.0.1', sent));
    send('b');
    await vi.waitFor(() => expect(received).toEqual(['re:a', 're:b']));
  });

  it('outlives a target that is not there', async () => {
    const gone = createSocket('udp4').bind(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address();
    gone.close();
    const relay = await relayTo(port);
    const { send } = await client(relay);
    send('a');
    send('b');
    await vi.waitFor(() => expect(relay.counters().toTarget.deliveredPackets).toBe(2));
  });

  it('frees its port on close, and closing twice does nothing', async () => {
    const relay = await relayTo(9);
    await Promise.all([relay.close(), relay.close()]);
    const again = await relayTo(9, { listen: { port: relay.port } });
    expect(again.port).toBe(relay.port);
  });

  it('refuses a host name, a taken port and a bound of no flow', async () => {
    await expect(createRelay({ to: { address: 'localhost', port: 1 } })).rejects.toThrow(
      RangeError,
    );
    const { port } = await relayTo(9);
    await expect(
      createRelay({ listen: { port }, to: { address: '127.0.0.1', port: 9 } }),
    ).rejects.toThrow('EADDRINUSE');
    await expect(
      createRelay({ to: { address: '127.0.0.1', port: 9 }, maxFlows: 0 }),
    ).rejects.toThrow(RangeError);
  });
});
