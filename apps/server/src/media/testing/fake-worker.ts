/**
 * A media worker without media, for tests of the control process: it speaks the worker channel and does what the
 * offered SDP says. `dump` answers with every message received so far, `crash` exits, `silent` never answers,
 * `refuse` answers MediaParameterError, `fail` reports the connection as failed after the answer; anything else
 * is answered, and its slots are watched; `weak`: in the small encoding, too.
 */
import type { FromWorker, ToWorker } from '../worker-channel.ts';

type Offer = ToWorker & { type: 'offer' };

// Numbers of NetworkErrorCode: types alone are imported, so that the process starts fast.
const success = 0;
const mediaParameterError = 1002;

const received: ToWorker[] = [];

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
  const counters = { packetsIn: 1, packetsOut: 2, packetsRepeated: 3 };
  post({
    type: 'stats',
    rooms: [
      { roomId, ...counters, commandsPassed: 4, commandsRefused: 5, uplinks: [], downlinks: [] },
    ],
  });
}

function reply(id: number, sdp?: string): void {
  const body = { type: 'reply', id, code: success, message: 'ok' } as const;
  post(sdp === undefined ? body : { ...body, sdp });
}

function post(message: FromWorker): void {
  // The channel may close at any time; `disconnect` ends this process then.
  process.send?.(message, undefined, undefined, () => {});
}
