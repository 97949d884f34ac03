import { LongreachError } from '@longreach/kit';
import {
  isMachineRequestVerb,
  type MachineRequestBody,
  type MachineRequestVerb,
  machineRequestSchemas,
  NetworkErrorCode,
  type StreamInfo,
} from '@longreach/protocol';
import type { GuardClient } from './guard-client.ts';
import type { ProducedTrack } from './media-client.ts';
import type { StreamRates } from './stream-rates.ts';

/** What the machine's answers to the server are made of. */
export type MachineParts = {
  streams: StreamInfo[];
  guard: Pick<GuardClient, 'requestPermission' | 'tell'>;
  rates: Pick<StreamRates, 'setCap' | 'setMainStream'>;
  /** Starts or stops a track. */
  produce(track: ProducedTrack, active: boolean): void;
};

type Handlers = {
  [Verb in MachineRequestVerb]: (
    body: MachineRequestBody<Verb>,
    parts: MachineParts,
  ) => unknown | Promise<unknown>;
};

/** What the server is told. */
export type MachineReply = { code: NetworkErrorCode; message: string; body?: unknown };

const handlers: Handlers = {
  invite({ streamId, mediaType, active, encoding = 'main' }, parts) {
    const stream = findStream(parts.streams, streamId);
    if (!stream.mediaTypes.includes(mediaType)) {
      throw new LongreachError(NetworkErrorCode.TrackNotFound, 'the stream has no such medium');
    }
    if (mediaType === 'audio' && encoding === 'small') {
      throw new LongreachError(NetworkErrorCode.TrackNotFound, 'sound has one encoding');
    }
    parts.produce({ streamId, mediaType, encoding }, active);
  },
  async permission({ remoteId, permission }, { guard }) {
    return { lease: await guard.requestPermission(remoteId, permission) };
  },
  remoteLeft({ remoteId }, { guard }) {
    guard.tell({ type: 'remoteLeft', remoteId });
  },
  emergencyStop({ remoteId }, { guard }) {
    guard.tell({ type: 'emergencyStop', from: remoteId });
  },
  setMainStream({ streamId }, { streams, rates }) {
    findStream(streams, streamId);
    rates.setMainStream(streamId);
  },
  setEncodeParameters({ streamId, bitrateBps, fps }, { streams, rates }) {
    findStream(streams, streamId);
    rates.setCap(streamId, { bitrateBps, fps });
  },
};

/** Obeys one request of the server; gives its reply. Never rejects. */
export async function answerRequest(
  verb: string,
  body: unknown,
  parts: MachineParts,
): Promise<MachineReply> {
  if (!isMachineRequestVerb(verb))
    return refusal(NetworkErrorCode.InvalidParameters, 'unknown verb');
  const parsed = machineRequestSchemas[verb].safeParse(body);
  if (!parsed.success) {
    return refusal(NetworkErrorCode.InvalidParameters, `the body of ${verb} is not usable`);
  }
  try {
    const handle = handlers[verb] as (body: unknown, parts: MachineParts) => unknown;
    const result = await handle(parsed.data, parts);
    const reply = { code: NetworkErrorCode.Success, message: '' };
    return result === undefined ? reply : { ...reply, body: result };
  } catch (error) {
    if (!(error instanceof LongreachError)) throw error;
    return refusal(error.code as NetworkErrorCode, error.message);
  }
}

function findStream(streams: StreamInfo[], streamId: number): StreamInfo {
  const stream = streams.find((candidate) => candidate.streamId === streamId);
  if (stream) return stream;
  throw new LongreachError(NetworkErrorCode.StreamNotFound, 'the machine has no such stream');
}

function refusal(code: NetworkErrorCode, message: string): MachineReply {
  return { code, message };
}
