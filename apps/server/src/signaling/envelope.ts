import { LongreachError } from '@longreach/kit';
import {
  decodeEnvelope,
  describeIssue,
  NetworkErrorCode,
  type ReadEnvelope,
} from '@longreach/protocol';
import type { z } from 'zod';

/** `re` of a reply to a message whose request id could not be read. Clients number from 1. */
export const unknownRequestId = 0;

/** Reads one message of a link. Never throws. */
export function parseMessage(data: Uint8Array, isBinary: boolean): ReadEnvelope {
  if (isBinary) {
    const message = 'a message is text, not bytes';
    return { kind: 'malformed', code: NetworkErrorCode.InvalidJson, message };
  }
  return decodeEnvelope(
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'),
  );
}

/** Reads a body by its schema. Throws InvalidParameters with the path of what is wrong. */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new LongreachError(NetworkErrorCode.InvalidParameters, describeIssue(result.error, 'body'));
}
