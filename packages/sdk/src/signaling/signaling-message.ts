import type { NoticeEnvelope, ReplyEnvelope, RequestEnvelope } from '@longreach/protocol';

/**
 * What the server may send to a browser. The envelope is checked here by hand: the schemas of `protocol` would
 * weigh 25 kB compressed in every page, and the server, which trusts nobody, checks what we send with them.
 */
export type ServerMessage =
  | { kind: 'reply'; envelope: ReplyEnvelope }
  | { kind: 'notice'; envelope: NoticeEnvelope };

/** Largest message of the server that is read, characters: a fleet list may be long. */
const maxMessageLength = 4 * 1024 * 1024;

/** Reads a message, or gives undefined for anything that is none. Never throws. */
export function parseServerMessage(data: unknown): ServerMessage | undefined {
  if (typeof data !== 'string' || data.length > maxMessageLength) return undefined;
  const message = parseJson(data);
  if (!isObject(message) || message.v !== 1) return undefined;
  if (isRequestId(message.re)) {
    const { re, code, message: text, body } = message;
    if (typeof code !== 'number' || typeof text !== 'string') return undefined;
    const envelope = { v: 1, re, code, message: text, body } as ReplyEnvelope;
    return { kind: 'reply', envelope };
  }
  if (typeof message.event === 'string' && isObject(message.body)) {
    return { kind: 'notice', envelope: { v: 1, event: message.event, body: message.body } };
  }
  return undefined;
}

/** Text of a request. */
export function requestText(id: number, verb: string, body: unknown): string {
  const envelope: RequestEnvelope = { v: 1, id, verb, body };
  return JSON.stringify(envelope);
}

/** Text of a notice. */
export function noticeText(event: string, body: unknown): string {
  const envelope: NoticeEnvelope = { v: 1, event, body };
  return JSON.stringify(envelope);
}

/** Whether a value is a plain object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRequestId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
