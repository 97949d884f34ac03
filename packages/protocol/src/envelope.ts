import { NetworkErrorCode } from './codes.ts';
import { limits } from './limits.ts';
import {
  type Envelope,
  type MachineRequestVerb,
  machineRequestSchemas,
  type NoticeEnvelope,
  type NoticeName,
  noticeEnvelopeSchema,
  noticeSchemas,
  type ReplyEnvelope,
  type RequestEnvelope,
  type RequestVerb,
  replyEnvelopeSchema,
  requestEnvelopeSchema,
  requestSchemas,
  signalingVersion,
} from './signaling.ts';

/** What a signaling text turned out to be. `id` of a malformed one is given when it was a request that wants a reply. */
export type ReadEnvelope =
  | { kind: 'request'; envelope: RequestEnvelope }
  | { kind: 'reply'; envelope: ReplyEnvelope }
  | { kind: 'notice'; envelope: NoticeEnvelope }
  | { kind: 'malformed'; code: NetworkErrorCode; message: string; id?: number };

const knownCodes = new Set<number>(Object.values(NetworkErrorCode));

/** Text of a signaling message. Throws RangeError when it exceeds `limits.signalingMessageBytes`. */
export function encodeEnvelope(envelope: Envelope): string {
  const text = JSON.stringify(envelope);
  if (exceedsLimit(text)) throw new RangeError('a signaling message is too large');
  return text;
}

/** Reads a signaling text into one of the three envelopes. Never throws, whatever the text. */
export function decodeEnvelope(text: string): ReadEnvelope {
  if (exceedsLimit(text)) {
    return malformed(NetworkErrorCode.InvalidParameters, 'the message is too large');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed(NetworkErrorCode.InvalidJson, 'the message is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return malformed(NetworkErrorCode.InvalidParameters, 'the message is no object');
  }
  if (Object.hasOwn(value, 're')) return readReply(value);
  if (Object.hasOwn(value, 'event')) return readNotice(value);
  return readRequest(value);
}

/** Whether a client may ask this of the server. Inherited names such as `constructor` are none. */
export function isRequestVerb(verb: string): verb is RequestVerb {
  return Object.hasOwn(requestSchemas, verb);
}

/** Whether the server may ask this of a machine. */
export function isMachineRequestVerb(verb: string): verb is MachineRequestVerb {
  return Object.hasOwn(machineRequestSchemas, verb);
}

/** Whether this is the name of a notice. */
export function isNoticeName(name: string): name is NoticeName {
  return Object.hasOwn(noticeSchemas, name);
}

function readRequest(value: object): ReadEnvelope {
  const result = requestEnvelopeSchema.safeParse(value);
  if (result.success) return { kind: 'request', envelope: result.data };
  const { id } = value as { id?: unknown };
  const problem = malformed(NetworkErrorCode.InvalidParameters, describe(value, 'request'));
  const mayReply = requestEnvelopeSchema.shape.id.safeParse(id);
  return mayReply.success ? { ...problem, id: mayReply.data } : problem;
}

function readReply(value: object): ReadEnvelope {
  const result = replyEnvelopeSchema.safeParse(value);
  if (!result.success) {
    return malformed(NetworkErrorCode.InvalidParameters, describe(value, 'reply'));
  }
  const { code, ...rest } = result.data;
  return { kind: 'reply', envelope: { ...rest, code: toNetworkErrorCode(code) } };
}

function readNotice(value: object): ReadEnvelope {
  const result = noticeEnvelopeSchema.safeParse(value);
  return result.success
    ? { kind: 'notice', envelope: result.data }
    : malformed(NetworkErrorCode.InvalidParameters, describe(value, 'notice'));
}

/** A code of a later version is no success; it reads as UnknownError. */
function toNetworkErrorCode(code: number): NetworkErrorCode {
  return knownCodes.has(code) ? (code as NetworkErrorCode) : NetworkErrorCode.UnknownError;
}

function describe(value: object, kind: string): string {
  const { v } = value as { v?: unknown };
  return v === signalingVersion
    ? `the message is no ${kind} envelope`
    : `the envelope's version is not ${signalingVersion}`;
}

function malformed(
  code: NetworkErrorCode,
  message: string,
): Extract<ReadEnvelope, { kind: 'malformed' }> {
  return { kind: 'malformed', code, message };
}

/** A UTF-16 unit is 1 to 3 bytes of UTF-8, so most texts need no counting. */
function exceedsLimit(text: string): boolean {
  if (text.length > limits.signalingMessageBytes) return true;
  if (text.length * 3 <= limits.signalingMessageBytes) return false;
  return new TextEncoder().encode(text).length > limits.signalingMessageBytes;
}
