/** A three-stamp exchange on the `clock` channel: request (t0) and reply (t0, t1, t2), all µs, as float64. */
export type ClockRequest = { kind: 'request'; sentUs: number };
export type ClockReply = { kind: 'reply'; sentUs: number; receivedUs: number; repliedUs: number };

/** Bytes of a clock message. */
export function encodeClock(message: ClockRequest | ClockReply): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(message.kind === 'request' ? 9 : 25);
  const view = new DataView(bytes.buffer);
  bytes[0] = message.kind === 'request' ? 1 : 2;
  view.setFloat64(1, message.sentUs);
  if (message.kind === 'reply') {
    view.setFloat64(9, message.receivedUs);
    view.setFloat64(17, message.repliedUs);
  }
  return bytes;
}

/** Reads a clock message, or gives undefined. Never throws. */
export function decodeClock(bytes: Uint8Array): ClockRequest | ClockReply | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stamps: number[] = [];
  for (let at = 1; at + 8 <= bytes.length; at += 8) stamps.push(view.getFloat64(at));
  if (!stamps.every(Number.isFinite)) return undefined;
  const [sentUs, receivedUs, repliedUs] = stamps as [number, number, number];
  if (bytes[0] === 1 && bytes.length === 9) return { kind: 'request', sentUs };
  if (bytes[0] === 2 && bytes.length === 25)
    return { kind: 'reply', sentUs, receivedUs, repliedUs };
  return undefined;
}
