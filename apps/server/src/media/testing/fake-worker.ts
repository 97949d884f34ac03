/**
 * A media worker without media, for tests of the control process: it speaks the worker channel and does what the
 * offered SDP says. `dump` answers with every message received so far, `crash` exits, `silent` never answers,
 * `refuse` answers MediaParameterError, `fail` reports the connection as failed after the answer; anything else
 * is answered, and its slots are watched; `weak`: in the small encoding, too. Every viewer's offer adds the same to
 * the counters of its room, which go out at once; a closed room's go out with the next.
 */
import type {
  ClosedRoom,
  FromWorker,
  RoomCounters,
  RoomStats,
  ToWorker,
  WorkerLoad,
} from '../worker-channel.ts';

type Offer = ToWorker & { type: 'offer' };

// Numbers of NetworkErrorCode: types alone are imported, so that the process starts fast.
const success = 0;
const mediaParameterError = 1002;

const received: ToWorker[] = [];
const rooms = new Map<string, number>();
let closedRooms: ClosedRoom[] = [];
let offers = 0;

process.on('message', (message: ToWorker) => {
  received.push(message);
  switch (message.type) {
    case 'start':
      return post({ type: 'ready' });
    case 'offer':
      return answerOffer(message);
    case 'subscribe':
    case 'unsubscribe':
      return reply(message.id);
    case 'closeRoom':
      return closeRoom(message.roomId);
    default:
      return;
  }
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});

function answerOffer(message: Offer): void {
  const { id, sdp, connectionId } = message;
  if (sdp === 'crash') process.exit(3);
  else if (sdp === 'refuse') {
    post({ type: 'reply', id, code: mediaParameterError, message: 'refused as asked' });
  } else if (sdp === 'dump') reply(id, JSON.stringify(received));
  else if (sdp !== 'silent') {
    reply(id, `answer to ${connectionId}`);
    postEvents(message);
  }
}

function postEvents({ roomId, peerId, connectionId, role, slots, sdp }: Offer): void {
  if (sdp === 'fail') {
    post({ type: 'connectionState', roomId, peerId, connectionId, state: 'failed' });
  }
  if (role !== 'remote') return;
  for (const { streamId, mediaType } of slots) {
    const demand = { type: 'demand', roomId, streamId, mediaType, active: true } as const;
    post(demand);
    if (sdp === 'weak') post({ ...demand, encoding: 'small' });
  }
  offers += 1;
  rooms.set(roomId, (rooms.get(roomId) ?? 0) + 1);
  const stats = [...rooms].map(([id, times]): RoomStats => {
    return { roomId: id, ...countersOf(times), uplinks: [], downlinks: [], commands: [] };
  });
  post({ type: 'stats', rooms: stats, closedRooms, load: load() });
  closedRooms = [];
}

function closeRoom(roomId: string): void {
  const times = rooms.get(roomId);
  if (times === undefined || !rooms.delete(roomId)) return;
  closedRooms.push({ roomId, ...countersOf(times) });
}

/** After so many offers: every figure is another one. */
function countersOf(times: number): RoomCounters {
  const count = (each: number) => each * times;
  const packets = { packetsIn: count(1), packetsOut: count(2), packetsRepeated: count(3) };
  const commands = { commandsPassed: count(4), commandsRefused: count(5) };
  const none = { Malformed: 0, WrongToken: 0, OldEpoch: 0, OutOfOrder: 0, Expired: 0 };
  const neither = { StalePicture: 0, NotArmed: 0, EmergencyStop: 0, TooLarge: 0 };
  const refusals = { ...none, ...neither, NotMaster: count(3), TooOften: count(2) };
  const uplink = {
    ...{ lost: count(10), recovered: count(6), requested: count(7), givenUp: count(8) },
    ...{ duplicates: count(9), mediaBytes: count(1000), parityBytes: count(200) },
    repeatBytes: count(300),
  };
  const downlink = {
    ...{ media: count(2000), audio: count(500), parity: count(600), repeat: count(700) },
    ...{ probe: count(800), message: count(900) },
  };
  return { ...packets, ...commands, refusals, uplink, downlink };
}

/** Each offer takes 50 µs of forwarding, 0.5 s of CPU time and 3 ms of the event loop. */
function load(): WorkerLoad {
  const bucket = (at: number) => Array.from({ length: 17 }, (_, i) => (i === at ? offers : 0));
  return {
    pid: process.pid,
    ...{ eventLoopDelayP99Ms: 3, cpuShare: 0.5, forwardDelayP99Ms: 0.05 },
    cpuUs: 500_000 * offers,
    eventLoopDelay: { counts: bucket(8), sumUs: 3_000 * offers },
    forwardDelay: { counts: bucket(2), sumUs: 50 * offers },
  };
}

function reply(id: number, sdp?: string): void {
  const body = { type: 'reply', id, code: success, message: 'ok' } as const;
  post(sdp === undefined ? body : { ...body, sdp });
}

function post(message: FromWorker): void {
  // The channel may close at any time; `disconnect` ends this process then.
  process.send?.(message, undefined, undefined, () => {});
}
