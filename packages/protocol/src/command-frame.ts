import { assertFinite, assertRange } from './field-range.ts';
import { limits } from './limits.ts';

/** What a command frame asks for. On the wire as the low nibble of byte 0. */
export const CommandKind = { drive: 1, opaque: 2, emergencyStop: 3, rearm: 4 } as const;
export type CommandKind = (typeof CommandKind)[keyof typeof CommandKind];

/** What precedes every command's payload. */
export type CommandHeader = {
  /** Counts up by one for each frame of one lease; 32 bits. */
  sequence: number;
  /** Epoch of the lease under which it is given. */
  epoch: number;
  /** The lease's 8 random bytes as 16 hexadecimal digits. */
  token: string;
  /** How long after arrival it may still act, ms (0 to 65,535). */
  ttlMs: number;
  /** Capture time of the newest picture on screen, in the machine's own clock, µs; 0 = no picture yet. */
  captureTimeUs: number;
  /** When the input was sampled, in the operator's clock, ms since the Unix epoch. Diagnosis only. */
  inputTimeMs: number;
};

/**
 * Absolute set-points, −1 to 1 each. Axes are the machine's; those of a vehicle: 0 steering (−1 left, 1 right),
 * 1 drive (negative is reverse), 2 brake (0 to 1).
 */
export type DriveCommand = CommandHeader & { kind: 'drive'; axes: number[]; buttons: number };
/** An application's own bytes. */
export type OpaqueCommand = CommandHeader & { kind: 'opaque'; payload: Uint8Array };
/** Stop at once. Needs no lease: anybody in the room may send it, with epoch and token zero. */
export type EmergencyStopCommand = CommandHeader & { kind: 'emergencyStop' };
/** The master's deliberate act that permits motion again. */
export type RearmCommand = CommandHeader & { kind: 'rearm' };
export type Command = DriveCommand | OpaqueCommand | EmergencyStopCommand | RearmCommand;

/** Version in the high nibble of byte 0. */
export const commandVersion = 1;
/** Bytes before the payload. */
export const commandHeaderBytes = 36;
/** The token of a frame that needs none. */
export const noToken = '0000000000000000';

const axisScale = 32767;
const twoTo32 = 2 ** 32;

/** Bytes of a command, big-endian; layout in docs/4-reference/protocol.md. Throws RangeError on a field outside its range. */
export function encodeCommand(command: Command): Uint8Array<ArrayBuffer> {
  const payload = payloadOf(command);
  const bytes = new Uint8Array(commandHeaderBytes + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = (commandVersion << 4) | CommandKind[command.kind];
  view.setUint16(2, assertRange(command.ttlMs, 0xffff, 'ttlMs'));
  view.setUint32(4, assertRange(command.sequence, 0xffffffff, 'sequence'));
  view.setUint32(8, assertRange(command.epoch, 0xffffffff, 'epoch'));
  writeToken(bytes, command.token);
  const captureTimeUs = assertRange(
    command.captureTimeUs,
    Number.MAX_SAFE_INTEGER,
    'captureTimeUs',
  );
  view.setUint32(20, Math.floor(captureTimeUs / twoTo32));
  view.setUint32(24, captureTimeUs % twoTo32);
  view.setFloat64(28, assertFinite(command.inputTimeMs, 'inputTimeMs'));
  bytes.set(payload, commandHeaderBytes);
  return bytes;
}

/** Reads a command, or gives undefined for bytes that are none. Never throws, whatever the bytes. */
export function decodeCommand(bytes: Uint8Array): Command | undefined {
  const kind = readCommandKind(bytes);
  if (kind === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const captureHigh = view.getUint32(20);
  const inputTimeMs = view.getFloat64(28);
  if (captureHigh >= 2 ** 21 || !Number.isFinite(inputTimeMs)) return undefined;
  const header: CommandHeader = {
    ttlMs: view.getUint16(2),
    sequence: view.getUint32(4),
    epoch: view.getUint32(8),
    token: readToken(bytes),
    captureTimeUs: captureHigh * twoTo32 + view.getUint32(24),
    inputTimeMs,
  };
  return withPayload(kind, header, bytes.subarray(commandHeaderBytes));
}

/** Kind of a command frame by its first byte, or undefined when it cannot be a command. */
export function readCommandKind(bytes: Uint8Array): CommandKind | undefined {
  if (bytes.length < commandHeaderBytes) return undefined;
  const first = bytes[0] as number;
  if (first >> 4 !== commandVersion || bytes[1] !== 0) return undefined;
  const kind = first & 0x0f;
  return kind >= CommandKind.drive && kind <= CommandKind.rearm ? (kind as CommandKind) : undefined;
}

/** Sequence of a command frame; 0 for bytes too short to have one. */
export function readCommandSequence(bytes: Uint8Array): number {
  if (bytes.length < 8) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4);
}

/** Epoch of a frame that `readCommandKind` accepted. */
export function readCommandEpoch(bytes: Uint8Array): number {
  return (
    (((bytes[8] as number) << 24) |
      ((bytes[9] as number) << 16) |
      ((bytes[10] as number) << 8) |
      (bytes[11] as number)) >>>
    0
  );
}

/** Whether a frame that `readCommandKind` accepted carries these 8 token bytes. Takes equal time for any token. */
export function hasToken(bytes: Uint8Array, token: Uint8Array): boolean {
  let difference = token.length ^ 8;
  for (let i = 0; i < 8; i++) difference |= (bytes[12 + i] as number) ^ (token[i] as number);
  return difference === 0;
}

/** The 8 bytes of a token written as 16 hexadecimal digits. */
export function tokenBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(20);
  writeToken(bytes, token);
  return bytes.subarray(12);
}

function payloadOf(command: Command): Uint8Array {
  if (command.kind === 'opaque') {
    assertRange(command.payload.length, limits.reliablePayloadBytes, 'payload length');
    return command.payload;
  }
  if (command.kind !== 'drive') return new Uint8Array(0);
  assertRange(command.axes.length, limits.axesPerCommand, 'number of axes');
  const bytes = new Uint8Array(4 + 2 * command.axes.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = command.axes.length;
  view.setUint16(2, assertRange(command.buttons, 0xffff, 'buttons'));
  command.axes.forEach((axis, i) => {
    if (!(axis >= -1 && axis <= 1)) throw new RangeError('an axis is outside −1 to 1');
    view.setInt16(4 + 2 * i, Math.round(axis * axisScale));
  });
  return bytes;
}

function withPayload(
  kind: CommandKind,
  header: CommandHeader,
  payload: Uint8Array,
): Command | undefined {
  switch (kind) {
    case CommandKind.opaque:
      return payload.length <= limits.reliablePayloadBytes
        ? { ...header, kind: 'opaque', payload: payload.slice() }
        : undefined;
    case CommandKind.emergencyStop:
      return payload.length === 0 ? { ...header, kind: 'emergencyStop' } : undefined;
    case CommandKind.rearm:
      return payload.length === 0 ? { ...header, kind: 'rearm' } : undefined;
    case CommandKind.drive:
      return decodeDrive(header, payload);
    default:
      return undefined;
  }
}

function decodeDrive(header: CommandHeader, payload: Uint8Array): DriveCommand | undefined {
  const count = payload[0];
  if (count === undefined || count > limits.axesPerCommand) return undefined;
  if (payload.length !== 4 + 2 * count || payload[1] !== 0) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const axes: number[] = [];
  for (let i = 0; i < count; i++) {
    const raw = view.getInt16(4 + 2 * i);
    if (raw === -32768) return undefined;
    axes.push(raw / axisScale);
  }
  return { ...header, kind: 'drive', axes, buttons: view.getUint16(2) };
}

function writeToken(bytes: Uint8Array, token: string): void {
  if (!/^[0-9a-f]{16}$/.test(token)) throw new RangeError('a token is 16 hexadecimal digits');
  for (let i = 0; i < 8; i++) bytes[12 + i] = Number.parseInt(token.slice(2 * i, 2 * i + 2), 16);
}

function readToken(bytes: Uint8Array): string {
  let token = '';
  for (let i = 12; i < 20; i++) token += (bytes[i] as number).toString(16).padStart(2, '0');
  return token;
}
