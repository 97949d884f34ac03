import type { z } from 'zod';
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

/** A complaint is no place for the whole of what was wrong. */
const maxComplaintLength = 300;
const knownCodes = new Set<number>(Object.values(NetworkErrorCode));

/** Text of a signaling message. Throws RangeError when it exceeds `limits.signalingMessageBytes`. */
export function encodeEnvelope(envelope: Envelope): string {
  const text = JSON.stringify(envelope);
  const complaint = sizeComplaintOf(text);
  if (complaint !== undefined) throw new RangeError(complaint);
  return text;
}

/** Reads a signaling text into one of the three envelopes. Never throws, whatever the text. */
export function decodeEnvelope(text: string): ReadEnvelope {
  const complaint = sizeComplaintOf(text);
  if (complaint !== undefined) {
    return malformed(NetworkErrorCode.InvalidParameters, complaint, peekRequestId(text));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed(NetworkErrorCode.InvalidJson, 'the message is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return malformed(NetworkErrorCode.InvalidParameters, 'the message is no envelope');
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

/** First problem of a value that its schema refused, with its path below `root`: `body.streamId: …`. */
export function describeIssue(error: z.ZodError, root = ''): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'the message is not as it should be';
  const path = [root, ...issue.path.map(String)].filter((part) => part !== '').join('.');
  return `${path || 'message'}: ${issue.message}`.slice(0, maxComplaintLength);
}

function readRequest(value: object): ReadEnvelope {
  const result = requestEnvelopeSchema.safeParse(value);
  if (result.success) return { kind: 'request', envelope: result.data };
  const { id } = value as { id?: unknown };
  const mayReply = requestEnvelopeSchema.shape.id.safeParse(id);
  return malformedEnvelope(value, result.error, mayReply.data);
}

function readReply(value: object): ReadEnvelope {
  const result = replyEnvelopeSchema.safeParse(value);
  if (!result.success) return malformedEnvelope(value, result.error);
  const { code, ...rest } = result.data;
  return { kind: 'reply', envelope: { ...rest, code: toNetworkErrorCode(code) } };
}

function readNotice(value: object): ReadEnvelope {
  const result = noticeEnvelopeSchema.safeParse(value);
  return result.success
    ? { kind: 'notice', envelope: result.data }
    : malformedEnvelope(value, result.error);
}

/** A code of a later version is no success; it reads as UnknownError. */
function toNetworkErrorCode(code: number): NetworkErrorCode {
  return knownCodes.has(code) ? (code as NetworkErrorCode) : NetworkErrorCode.UnknownError;
}

function malformedEnvelope(value: object, error: z.ZodError, id?: number): ReadEnvelope {
  const { v } = value as { v?: unknown };
  const message =
    v === signalingVersion
      ? describeIssue(error)
      : `v: the envelope's version is not ${signalingVersion}`;
  return malformed(NetworkErrorCode.InvalidParameters, message, id);
}

function malformed(code: NetworkErrorCode, message: string, id?: number): ReadEnvelope {
  return { kind: 'malformed', code, message, ...(id === undefined ? {} : { id }) };
}

/** A UTF-16 unit is 1 to 3 bytes of UTF-8, so most texts need no counting. */
function sizeComplaintOf(text: string): string | undefined {
  const limit = limits.signalingMessageBytes;
  if (text.length * 3 <= limit) return undefined;
  const size = new TextEncoder().encode(text).length;
  return size > limit ? `a message of ${size} bytes is above the limit of ${limit}` : undefined;
}

/**
 * Request id of a message too large to be parsed: only where it stands at the very front, as our own clients
 * write it. So the sender's request fails at once instead of timing out.
 */
function peekRequestId(text: string): number | undefined {
  const match = /^\s*\{\s*"v"\s*:\s*1\s*,\s*"id"\s*:\s*(\d{1,10})\s*,/.exec(text.slice(0, 64));
  const id = Number(match?.[1]);
  return id <= 0x7fffffff ? id : undefined;
}
