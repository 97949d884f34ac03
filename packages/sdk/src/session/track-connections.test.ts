import { Emitter } from '@longreach/kit';
import { expect, test } from 'vitest';
import { ManualPageClock } from '../testing/manual-page-clock.ts';
import { TrackConnections, type TrackState } from './track-connections.ts';

type Events = { stateChanged: RTCPeerConnectionState; videoArrived: number; channelClosed: string };

class FakeTrack extends Emitter<Events> {
  readonly id: string;
  readonly isEndangered = false;
  state: RTCPeerConnectionState = 'new';

  constructor(id: string) {
    super();
    this.id = id;
  }

  async createOffer(): Promise<string> {
    return `offer of ${this.id}`;
  }

  async acceptAnswer(): Promise<void> {}

  midOf(): string {
    return '0';
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

function setUp(streams: Array<number | undefined>) {
  const clock = new ManualPageClock();
  const made: FakeTrack[] = [];
  const offers: object[] = [];
  const states: Array<Omit<TrackState, 'mediaType'>> = [];
  const active: Array<[number, string, string | undefined]> = [];
  const limit = { connections: Number.POSITIVE_INFINITY };
  const request = async (_verb: string, body: object) => {
    offers.push(body);
    return { sdp: 'answer' };
  };
  const tracks = new TrackConnections<FakeTrack>({
    context: {
      deviceId: 'truck',
      link: { isUp: true, request: request as never },
      clock,
      random: () => 0.5,
      createTrack: () => {
        if (made.length >= limit.connections) throw new Error('no more connections');
        const track = new FakeTrack(`t${made.length}`);
        made.push(track);
        return track;
      },
    },
    wanted: () => streams,
    iceServers: () => [],
    canNegotiate: () => true,
    isShowing: () => false,
    onActive: ({ slot, connection, previous }) => active.push([slot, connection.id, previous?.id]),
    onReleased: () => {},
    onState: ({ streamId, state, message }) => states.push({ streamId, state, message }),
  });
  const begin = async () => {
    const started = tracks.start();
    for (const track of [...made]) track.become('connected');
    await started;
  };
  return { clock, tracks, made, offers, states, active, streams, limit, begin };
}

test('K10 each slot that shows something has a connection of its own, offered with its one stream', async () => {
  const { tracks, offers, active, begin } = setUp([3, undefined, 5]);
  await begin();
  expect(active).toEqual([
    [0, 't0', undefined],
    [2, 't1', undefined],
  ]);
  expect(offers).toMatchObject([
    { connectionId: 't0', slots: [{ mid: '0', streamId: 3, mediaType: 'video' }] },
    { connectionId: 't1', slots: [{ mid: '0', streamId: 5, mediaType: 'video' }] },
  ]);
  expect(tracks.currentOf(1)).toBeUndefined();
});

test('K10 a slot gets its connection when it is first to show something', async () => {
  const { tracks, made, streams, begin } = setUp([3, undefined]);
  await begin();
  streams[1] = 4;
  const added = tracks.apply();
  made[1]?.become('connected');
  await added;
  expect(tracks.active.map(({ id }) => id)).toEqual(['t0', 't1']);
});

test('K11 a lost track is replaced by itself, the others go on, and the state says whose it is', async () => {
  const { clock, tracks, made, states, active, begin } = setUp([3, 5]);
  await begin();
  states.length = 0;
  made[0]?.become('failed');
  await clock.advance(0);
  made[2]?.become('connected');
  await clock.advance(0);
  expect(active.at(-1)).toEqual([0, 't2', 't0']);
  expect(tracks.active.map(({ id }) => id)).toEqual(['t2', 't1']);
  expect(new Set(states.map(({ streamId }) => streamId))).toEqual(new Set([3]));
  expect(states.map(({ state }) => state)).toEqual(['failed', 'reconnecting', 'connected']);
});

test('K11 one that the server dropped is replaced alone', async () => {
  const { clock, tracks, made, begin } = setUp([3, 5]);
  await begin();
  tracks.handleLost('t1', 'the worker ended');
  await clock.advance(0);
  made[2]?.become('connected');
  expect(tracks.active.map(({ id }) => id)).toEqual(['t0', 't2']);
});

test('K12 a track that does not come up leaves the others alone and is tried again', async () => {
  const { clock, tracks, made, states, limit } = setUp([3, 5]);
  limit.connections = 1;
  const started = tracks.start();
  made[0]?.become('connected');
  await started;
  expect(states).toContainEqual({
    streamId: 5,
    state: 'limit_exceeded',
    message: 'no more connections',
  });
  limit.connections = 2;
  await clock.advance(1_000);
  made[1]?.become('connected');
  await clock.advance(0);
  expect(tracks.active.map(({ id }) => id)).toEqual(['t0', 't1']);
});

test('K12 after the end nothing is opened any more', async () => {
  const { clock, tracks, made, states, begin } = setUp([3]);
  await begin();
  tracks.close();
  tracks.restart('late');
  await clock.advance(60_000);
  expect(made).toHaveLength(1);
  expect(states.at(-1)?.state).toBe('closed');
});
