import { Emitter } from '@longreach/kit';
import { describe, expect, it } from 'vitest';
import { ManualPageClock } from '../testing/manual-page-clock.ts';
import { ConnectionKeeper } from './connection-keeper.ts';

type Events = {
  stateChanged: RTCPeerConnectionState;
  videoArrived: number;
  channelClosed: string;
};

class FakeConnection extends Emitter<Events> {
  readonly id: string;
  state: RTCPeerConnectionState = 'new';
  isEndangered = false;

  constructor(id: string) {
    super();
    this.id = id;
  }

  become(state: RTCPeerConnectionState): void {
    this.state = state;
    this.emit('stateChanged', state);
  }

  close(): void {
    this.state = 'closed';
    this.clear();
  }
}

function setUp() {
  const clock = new ManualPageClock();
  const opened: FakeConnection[] = [];
  const states: string[] = [];
  const control = { canNegotiate: true, failNegotiation: false, isShowing: false };
  const open = () => {
    const connection = new FakeConnection(`c${opened.length}`);
    opened.push(connection);
    return connection;
  };
  const keeper = new ConnectionKeeper<FakeConnection>({
    clock,
    random: () => 0.5,
    open,
    negotiate: async () => {
      if (control.failNegotiation) throw new Error('refused');
    },
    canNegotiate: () => control.canNegotiate,
    isShowing: () => control.isShowing,
    onActive: () => {},
    onReleased: () => {},
    onState: (state) => states.push(state),
  });
  const at = (index: number) => opened[index] as FakeConnection;
  const begin = async () => {
    const started = keeper.start(open());
    at(0).become('connected');
    await started;
  };
  return { clock, opened, states, control, keeper, open, at, begin };
}

describe('ConnectionKeeper', () => {
  it('K7 gives up a new one that brings no picture while the present one does', async () => {
    const { clock, control, keeper, opened, at, begin } = setUp();
    await begin();
    control.isShowing = true;
    keeper.renew('tried');
    at(1).become('connected');
    await clock.advance(5_100);
    expect(keeper.active).toBe(at(0));
    expect(at(1).state).toBe('closed');
    await clock.advance(1_000);
    control.isShowing = false;
    at(2).become('connected');
    await clock.advance(1_100);
    expect(keeper.active).toBe(at(2));
    expect(opened).toHaveLength(3);
  });

  it('K7 waits up to 12 s for a disconnected one that still brings pictures, then for the pictures of the new one', async () => {
    const { clock, opened, control, keeper, at, begin } = setUp();
    await begin();
    control.isShowing = true;
    at(0).become('disconnected');
    await clock.advance(11_900);
    expect(opened).toHaveLength(1);
    await clock.advance(1_000);
    expect(opened).toHaveLength(2);
    at(1).become('connected');
    await clock.advance(4_000);
    expect(keeper.active).toBe(at(0));
    at(1).emit('videoArrived', 0);
    expect(keeper.active).toBe(at(1));
  });

  it('K7 does not wait any longer than usual once the pictures end', async () => {
    const { clock, opened, control, at, begin } = setUp();
    await begin();
    control.isShowing = true;
    at(0).become('disconnected');
    await clock.advance(1_500);
    control.isShowing = false;
    await clock.advance(600);
    expect(opened).toHaveLength(2);
  });

  it('K1 resolves or rejects the first connection, once', async () => {
    const good = setUp();
    const started = good.keeper.start(good.open());
    good.at(0).become('connecting');
    good.at(0).become('connected');
    await started;
    expect(good.keeper.active).toBe(good.at(0));
    expect(good.states).toEqual(['new', 'connecting', 'connected']);

    const bad = setUp();
    bad.control.failNegotiation = true;
    await expect(bad.keeper.start(bad.open())).rejects.toThrow('refused');
    await bad.clock.advance(10_000);
    expect(bad.opened).toHaveLength(1);
    expect(bad.at(0).state).toBe('closed');
    expect(bad.states).toEqual(['new', 'failed']);
  });

  it('K1 K7 takes the first connection although its pictures show before it is called connected', async () => {
    const { keeper, control, open, at } = setUp();
    const started = keeper.start(open());
    control.isShowing = true;
    at(0).emit('videoArrived', 0);
    expect(keeper.active).toBeUndefined();
    at(0).become('connected');
    await started;
    expect(keeper.active).toBe(at(0));
  });

  it('K7 takes a new one whose first picture came before it is called connected', async () => {
    const { keeper, control, at, begin } = setUp();
    await begin();
    control.isShowing = true;
    keeper.renew('tried');
    at(1).emit('videoArrived', 0);
    at(1).become('connected');
    expect(keeper.active).toBe(at(1));
  });

  it('K1 gives the first connection eight seconds', async () => {
    const { keeper, clock, open } = setUp();
    const started = keeper.start(open());
    const rejected = expect(started).rejects.toThrow('no media path');
    await clock.advance(8100);
    await rejected;
    expect(clock.pending).toBe(0);
  });

  it('K2 closes the old one only when the new one is up', async () => {
    const { keeper, at, begin, states } = setUp();
    await begin();
    at(0).become('failed');
    expect(at(0).state).toBe('failed');
    at(1).become('connected');
    expect(at(0).state).toBe('closed');
    expect(keeper.active).toBe(at(1));
    expect(states).toEqual(['new', 'connected', 'failed', 'reconnecting', 'connected']);
  });

  it('K3 waits for the first picture, or a second, while the old one works', async () => {
    const { keeper, at, begin, clock } = setUp();
    await begin();
    keeper.renew('the machine is back');
    at(1).become('connected');
    expect(keeper.active).toBe(at(0));
    at(1).emit('videoArrived', 0);
    expect(keeper.active).toBe(at(1));
    keeper.renew('again');
    at(2).become('connected');
    await clock.advance(1001);
    expect(keeper.active).toBe(at(2));
  });

  it('K4 repeats one attempt at a time with growing waits, only while offers can be sent', async () => {
    const { keeper, at, begin, clock, opened, control } = setUp();
    await begin();
    control.failNegotiation = true;
    at(0).become('failed');
    keeper.renew('twice');
    await clock.advance(50);
    expect(opened).toHaveLength(2);
    await clock.advance(60);
    expect(opened).toHaveLength(3);
    await clock.advance(150);
    expect(opened).toHaveLength(3);
    await clock.advance(50);
    expect(opened).toHaveLength(4);
    control.canNegotiate = false;
    await clock.advance(60_000);
    expect(opened).toHaveLength(4);
    control.canNegotiate = true;
    control.failNegotiation = false;
    keeper.restart('the link is back');
    at(4).become('connected');
    expect(keeper.active).toBe(at(4));
  });

  it('K5 lets a disconnected one heal for a second', async () => {
    const { at, begin, clock, opened, states } = setUp();
    await begin();
    at(0).become('disconnected');
    await clock.advance(900);
    at(0).become('connected');
    await clock.advance(2000);
    expect(opened).toHaveLength(1);
    expect(states.slice(1)).toEqual(['connected', 'disconnected', 'connected']);
    at(0).become('disconnected');
    await clock.advance(1001);
    expect(opened).toHaveLength(2);
    expect(states.at(-1)).toBe('reconnecting');
  });

  it('K6 does not wait for a connection that the server dropped', async () => {
    const { keeper, at, begin } = setUp();
    await begin();
    keeper.handleLost('unknown', 'gone');
    expect(keeper.isHealthy).toBe(true);
    keeper.handleLost('c0', 'the worker is gone');
    expect(keeper.isHealthy).toBe(false);
    at(1).become('connected');
    expect(keeper.active).toBe(at(1));
  });

  it('K9 replaces an endangered connection while it works, with the first picture of the new one', async () => {
    const { clock, control, keeper, opened, states, at, begin } = setUp();
    await begin();
    control.isShowing = true;
    await clock.advance(60_000);
    expect(opened).toHaveLength(1);
    at(0).isEndangered = true;
    await clock.advance(1_100);
    at(1).become('connected');
    await clock.advance(1_100);
    expect(keeper.active).toBe(at(0));
    at(1).emit('videoArrived', 0);
    expect(keeper.active).toBe(at(1));
    expect(states).toEqual(['new', 'connected', 'connected']);
    await clock.advance(60_000);
    expect(opened).toHaveLength(2);
  });

  it('K8 replaces a connection whose data channels closed, and shows its pictures until the new one has some', async () => {
    const { clock, control, keeper, states, at, begin } = setUp();
    await begin();
    control.isShowing = true;
    at(0).emit('channelClosed', 'control');
    expect(keeper.isHealthy).toBe(false);
    expect(states.at(-1)).toBe('reconnecting');
    at(1).become('connected');
    await clock.advance(1_500);
    expect(keeper.active).toBe(at(0));
    at(1).emit('videoArrived', 0);
    expect(keeper.active).toBe(at(1));
    expect(keeper.isHealthy).toBe(true);
  });
});
