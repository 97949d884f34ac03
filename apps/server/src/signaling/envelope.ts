import { LongreachError } from '@longreach/kit';
import {
  limits,
  NetworkErrorCode,
  type NoticeEnvelope,
  noticeEnvelopeSchema,
  type ReplyEnvelope,
  type RequestEnvelope,
  replyEnvelopeSchema,
  requestEnvelopeSchema,
} from '@longreach/protocol';
import type { z } from 'zod';

/** `re` of a reply to a message whose request id could not be read. Clients number from 1. */
export const unknownRequestId = 0;

/** What a message turned out to be. `refused` is answered with `code`, and disturbs nothing else. */
export type ParsedMessage =
  | { kind: 'request'; envelope: RequestEnvelope }
  | { kind: 'reply'; envelope: ReplyEnvelope }
  | { kind: 'notice'; envelope: NoticeEnvelope }
  | { kind: 'refused'; re: number; code: NetworkErrorCode; message: string };

const knownCodes = new Set<number>(Object.values(NetworkErrorCode));

/** Reads one message of a link. Never throws. */
export function parseMessage(data: Uint8Array, isBinary: boolean): ParsedMessage {
  if (data.byteLength > limits.signalingMessageBytes) {
    return refused(
      peekRequestId(data),
      NetworkErrorCode.InvalidParameters,
      `a message of ${data.byteLength} bytes is above the limit of ${limits.signalingMessageBytes}`,
    );
  }
  if (isBinary) {
    return refused(unknownRequestId, NetworkErrorCode.InvalidJson, 'a message is text, not bytes');
  }
  let value: unknown;
  try {
    value = JSON.parse(textOf(data));
  } catch {
    return refused(unknownRequestId, NetworkErrorCode.InvalidJson, 'the message is not JSON');
  }
  return parseEnvelope(value);
}

/** Reads a body by its schema. Throws InvalidParameters with the path of what is wrong. */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new LongreachError(NetworkErrorCode.InvalidParameters, complaintOf(result.error, 'body'));
}

/** A code that a peer may have sent, as one of ours. */
export function codeOf(code: number): NetworkErrorCode {
  return knownCodes.has(code) ? (code as NetworkErrorCode) : NetworkErrorCode.UnknownError;
}

function parseEnvelope(value: unknown): ParsedMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused(
      unknownRequestId,
      NetworkErrorCode.InvalidParameters,
      'the message is no envelope',
    );
  }
  if ('verb' in value) {
    const result = requestEnvelopeSchema.safeParse(value);
    if (result.success) return { kind: 'request', envelope: result.data };
    return refusedEnvelope(value, result.error);
  }
  if ('re' in value) {
    const result = replyEnvelopeSchema.safeParse(value);
    if (!result.success) return refusedEnvelope(value, result.error);
    return { kind: 'reply', envelope: { ...result.data, code: codeOf(result.data.code) } };
  }
  const result = noticeEnvelopeSchema.safeParse(value);
  if (result.success) return { kind: 'notice', envelope: result.data };
  return refusedEnvelope(value, result.error);
}

function refusedEnvelope(value: object, error: z.ZodError): ParsedMessage {
  const id: unknown = 'id' in value ? value.id : undefined;
  const isId = typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= 0x7fffffff;
  return refused(
    isId ? id : unknownRequestId,
    NetworkErrorCode.InvalidParameters,
    complaintOf(error, ''),
  );
}

function complaintOf(error: z.ZodError, root: string): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'the message is not as it should be';
  const path = [root, ...issue.path.map(String)].filter((part) => part !== '').join('.');
  return `${path || 'message'}: ${issue.message}`.slice(0, 300);
}

function refused(re: number, code: NetworkErrorCode, message: string): ParsedMessage {
  return { kind: 'refused', re, code, message };
}

/**
 * Request id of a message too large to be parsed: only where it stands at the very front, as our own
 * clients write it. So the sender's request fails at once instead of timing out.
 */
function peekRequestId(data: Uint8Array): number {
  const match = /^\s*\{\s*"v"\s*:\s*1\s*,\s*"id"\s*:\s*(\d{1,10})\s*,/.exec(
    textOf(data.subarray(0, 64)),
  );
  const id = Number(match?.[1] ?? unknownRequestId);
  return id <= 0x7fffffff ? id : unknownRequestId;
}

function textOf(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
}
