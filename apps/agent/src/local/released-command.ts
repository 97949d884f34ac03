import type { ReleasedOrder, ReleasedOrderMode } from '@longreach/control';
import { readTimeUs, writeTimeUs } from './encoded-frame.ts';

/** What the actuators shall do; on the wire by its index. */
export const releasedModes = [
  'drive',
  'brake',
  'standstill',
  'opaque',
] as const satisfies readonly ReleasedOrderMode[];
export type ReleasedMode = (typeof releasedModes)[number];

/** What the guard orders an actuator to do, and until when that order is good. */
export type ReleasedCommand = ReleasedOrder;

const headerBytes = 48;

/** Payload of a local frame of type `released`. */
export function encodeReleasedCommand(command: ReleasedCommand): Buffer {
  const axesBytes = 4 * command.axes.length;
  const bytes = Buffer.alloc(headerBytes + axesBytes + command.payload.length);
  bytes[0] = releasedModes.indexOf(command.mode);
  bytes[1] = command.axes.length;
  bytes.writeUInt16BE(command.buttons, 2);
  bytes.writeUInt32BE(command.sequence, 4);
  bytes.writeUInt32BE(command.epoch, 8);
  writeTimeUs(bytes, 12, command.releasedTimeUs);
  writeTimeUs(bytes, 20, command.validUntilUs);
  writeTimeUs(bytes, 28, command.captureTimeUs);
  bytes.writeDoubleBE(command.inputTimeMs, 36);
  command.axes.forEach((axis, i) => {
    bytes.writeFloatBE(axis, headerBytes + 4 * i);
  });
  bytes.set(command.payload, headerBytes + axesBytes);
  return bytes;
}

/** Reads such a payload, or gives undefined for bytes that are none. */
export function decodeReleasedCommand(bytes: Buffer): ReleasedCommand | undefined {
  const mode = releasedModes[bytes[0] ?? 255];
  const count = bytes[1] ?? 0;
  const payloadAt = headerBytes + 4 * count;
  if (mode === undefined || bytes.length < payloadAt) return undefined;
  const axes: number[] = [];
  for (let i = 0; i < count; i++) axes.push(bytes.readFloatBE(headerBytes + 4 * i));
  return {
    mode,
    axes,
    buttons: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    epoch: bytes.readUInt32BE(8),
    releasedTimeUs: readTimeUs(bytes, 12),
    validUntilUs: readTimeUs(bytes, 20),
    captureTimeUs: readTimeUs(bytes, 28),
    inputTimeMs: bytes.readDoubleBE(36),
    payload: bytes.subarray(payloadAt),
  };
}
