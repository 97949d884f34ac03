import { assertFinite } from './field-range.ts';

/** First message of a three-stamp exchange on the `clock` channel: the asker's clock when it asks, µs. */
export type ClockRequest = { kind: 'request'; sentUs: number };
/** The answer: the request's stamp, and the answerer's clock at arrival and at departure, µs. */
export type ClockReply = { kind: 'reply'; sentUs: number; receivedUs: number; repliedUs: number };

const requestKind = 1;
const replyKind = 2;
const requestBytes = 9;
const replyBytes = 25;

/** Bytes of a clock message, big-endian. Throws RangeError on a stamp that is not finite. */
export function encodeClock(message: ClockRequest | ClockReply): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(message.kind === 'request' ? requestBytes : replyBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = message.kind === 'request' ? requestKind : replyKind;
  view.setFloat64(1, assertFinite(message.sentUs, 'sentUs'));
  if (message.kind === 'reply') {
    view.setFloat64(9, assertFinite(message.receivedUs, 'receivedUs'));
    view.setFloat64(17, assertFinite(message.repliedUs, 'repliedUs'));
  }
  return bytes;
}

/** Reads a clock message, or gives undefined. Never throws. */
export function decodeClock(bytes: Uint8Array): ClockRequest | ClockReply | undefined {
  const kind = bytes[0];
  const isRequest = kind === requestKind && bytes.length === requestBytes;
  const isReply = kind === replyKind && bytes.length === replyBytes;
  if (!isRequest && !isReply) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sentUs = view.getFloat64(1);
  if (!Number.isFinite(sentUs)) return undefined;
  if (isRequest) return { kind: 'request', sentUs };
  const receivedUs = view.getFloat64(9);
  const repliedUs = view.getFloat64(17);
  if (!Number.isFinite(receivedUs) || !Number.isFinite(repliedUs)) return undefined;
  return { kind: 'reply', sentUs, receivedUs, repliedUs };
}
