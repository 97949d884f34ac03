import { fromPublicId, limits, toPublicId } from '@longreach/protocol';

/** Members of signaling messages that hold a device's id, wherever they stand. */
export const idMembers = ['deviceId', 'masterId', 'remoteId', 'roomId', 'from', 'to'] as const;
/** Members that hold a list of them. */
export const idListMembers = ['rooms'] as const;

const singles: ReadonlySet<string> = new Set(idMembers);
const lists: ReadonlySet<string> = new Set(idListMembers);
/** Most messages (signs of life, replies without body) name no device and pass unread. */
const anyMember = new RegExp(`"(?:${[...idMembers, ...idListMembers].join('|')})"`);

/** A message of the server with the ids of public mode. */
export function toPublicText(text: string): string {
  return withIds(text, toPublicId);
}

/** A message of a client in public mode with the ids of the server; what is no message passes as it is. */
export function fromPublicText(text: string): string {
  // Too large to be a message: it is refused further on, without being parsed.
  return text.length > limits.signalingMessageBytes ? text : withIds(text, fromPublicId);
}

function withIds(text: string, map: (id: string) => string): string {
  if (!anyMember.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text, (key, value) => mapped(key, value, map)));
  } catch {
    return text;
  }
}

function mapped(key: string, value: unknown, map: (id: string) => string): unknown {
  if (singles.has(key) && typeof value === 'string') return map(value);
  if (!lists.has(key) || !Array.isArray(value)) return value;
  return value.map((item) => (typeof item === 'string' ? map(item) : item));
}
