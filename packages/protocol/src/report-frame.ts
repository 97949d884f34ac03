/**
 * Frames on the `report` data channel: machine to everybody, and the media worker's own words to one viewer.
 * Byte 0: version in the high nibble, kind in the low one. Big-endian.
 */
import { RefusalCode } from './codes.ts';
import { assertRange } from './field-range.ts';
import { limits } from './limits.ts';

/** On the wire as the low nibble of byte 0. */
export const ReportKind = { state: 1, opaque: 2, slot: 3, refusal: 4, arrivals: 5 } as const;
export type ReportKind = (typeof ReportKind)[keyof typeof ReportKind];
/** Version in the high nibble of byte 0. */
export const reportVersion = 1;

/** What the guard is doing. On the wire by its index. */
export const guardModes = ['stopped', 'armed', 'braking', 'emergency', 'fault'] as const;
export type GuardMode = (typeof guardModes)[number];

/** The machine's state, sent many times a second. */
export type StateReport = {
  kind: 'state';
  sequence: number;
  /** The machine's clock when sent, µs (fractions are cut off). Video RTP timestamps are this clock in 90 kHz. */
  machineTimeUs: number;
  /** Media worker's clock minus machine's clock, µs; NaN while unknown. */
  clockOffsetUs: number;
  /** µs; Infinity while unknown. */
  clockUncertaintyUs: number;
  guardMode: GuardMode;
  epoch: number;
  /** Sequence of the newest released command of this epoch. */
  releasedSequence: number;
  /** Age of the loop now: machine's clock − capture time echoed in the newest released command, ms; NaN before the first. */
  loopAgeMs: number;
  released: number;
  refused: number;
  lastRefusal: RefusalCode;
  speedMps: number;
  headingRad: number;
  xM: number;
  yM: number;
  /** Set-points that the actuators follow now, −1 to 1. */
  steering: number;
  drive: number;
  brake: number;
};
/** An application's own bytes. */
export type OpaqueReport = { kind: 'opaque'; payload: Uint8Array };
/** From the media worker: what a slot shows from now on. captureTime(90 kHz) = rtpTimestamp − timestampOffset (mod 2³²). */
export type SlotReport = {
  kind: 'slot';
  mid: string;
  streamId: number;
  timestampOffset: number;
  /** Of another connection of this viewer, which carries no messages; absent: of the one that this came by. */
  connectionId?: string;
};
/** From the media worker: a command of this viewer was not passed on. */
export type RefusalReport = { kind: 'refusal'; code: RefusalCode; sequence: number };
/** How long the pictures of one stream took to the media worker, on the mean of `frames` that came in about a second. */
export type StreamArrivals = {
  streamId: number;
  frames: number;
  /** Arrival of a picture's last packet (worker's clock) − its RTP timestamp (machine's clock), 90 kHz, mod 2³². */
  delayTicks: number;
};
/** From the media worker, once a second: about the streams that a viewer's connection shows, 1 to `streamsPerDevice`. */
export type ArrivalsReport = { kind: 'arrivals'; streams: StreamArrivals[] };
export type Report = StateReport | OpaqueReport | SlotReport | RefusalReport | ArrivalsReport;

const stateBytes = 84;
const arrivalsBytes = 7;
const midPattern = /^[A-Za-z0-9]{1,16}$/;
/** As signaling has it. Between a mid and this stands a blank, which neither has. */
const connectionIdPattern = /^[A-Za-z0-9:._-]{1,64}$/;
const maxSlotBytes = 6 + 16 + 1 + 64;
const refusalCodes = new Set<number>(Object.values(RefusalCode));
const maxUint32 = 0xffffffff;
const twoTo32 = 2 ** 32;

/** Bytes of a report. Throws RangeError on a field outside its range. */
export function encodeReport(report: Report): Uint8Array<ArrayBuffer> {
  switch (report.kind) {
    case 'state':
      return encodeState(report);
    case 'opaque':
      return encodeOpaque(report);
    case 'slot':
      return encodeSlot(report);
    case 'refusal':
      return encodeRefusal(report);
    case 'arrivals':
      return encodeArrivals(report);
  }
}

/** Reads a report, or gives undefined for bytes that are none. Never throws, whatever the bytes. */
export function decodeReport(bytes: Uint8Array): Report | undefined {
  const first = bytes[0];
  if (first === undefined || first >> 4 !== reportVersion) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (first & 0x0f) {
    case ReportKind.state:
      return decodeState(bytes, view);
    case ReportKind.opaque:
      return bytes.length <= 1 + limits.reliablePayloadBytes
        ? { kind: 'opaque', payload: bytes.slice(1) }
        : undefined;
    case ReportKind.slot:
      return decodeSlot(bytes, view);
    case ReportKind.refusal:
      return decodeRefusal(bytes, view);
    case ReportKind.arrivals:
      return decodeArrivals(bytes, view);
    default:
      return undefined;
  }
}

function firstByte(kind: ReportKind): number {
  return (reportVersion << 4) | kind;
}

function encodeState(state: StateReport): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(stateBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = firstByte(ReportKind.state);
  bytes[1] = assertRange(guardModes.indexOf(state.guardMode), 0xff, 'guardMode');
  bytes[2] = assertRange(state.lastRefusal, 0xff, 'lastRefusal');
  view.setUint32(4, assertRange(state.sequence, maxUint32, 'sequence'));
  const timeUs = assertRange(
    Math.floor(state.machineTimeUs),
    Number.MAX_SAFE_INTEGER,
    'machineTimeUs',
  );
  view.setUint32(8, Math.floor(timeUs / twoTo32));
  view.setUint32(12, timeUs % twoTo32);
  view.setFloat64(16, state.clockOffsetUs);
  view.setFloat32(24, state.clockUncertaintyUs);
  view.setUint32(28, assertRange(state.epoch, maxUint32, 'epoch'));
  view.setUint32(32, assertRange(state.releasedSequence, maxUint32, 'releasedSequence'));
  view.setFloat32(36, state.loopAgeMs);
  view.setUint32(40, assertRange(state.released, maxUint32, 'released'));
  view.setUint32(44, assertRange(state.refused, maxUint32, 'refused'));
  view.setFloat32(48, state.speedMps);
  view.setFloat32(52, state.headingRad);
  view.setFloat64(56, state.xM);
  view.setFloat64(64, state.yM);
  view.setFloat32(72, state.steering);
  view.setFloat32(76, state.drive);
  view.setFloat32(80, state.brake);
  return bytes;
}

function decodeState(bytes: Uint8Array, view: DataView): StateReport | undefined {
  const guardMode = guardModes[bytes[1] as number];
  const lastRefusal = bytes[2] as number;
  if (bytes.length !== stateBytes || guardMode === undefined || !refusalCodes.has(lastRefusal)) {
    return undefined;
  }
  // Above 2⁵³ a µs count is no exact number any more.
  if (bytes[3] !== 0 || view.getUint32(8) >= 2 ** 21) return undefined;
  return {
    kind: 'state',
    guardMode,
    lastRefusal: lastRefusal as RefusalCode,
    sequence: view.getUint32(4),
    machineTimeUs: view.getUint32(8) * twoTo32 + view.getUint32(12),
    clockOffsetUs: view.getFloat64(16),
    clockUncertaintyUs: view.getFloat32(24),
    epoch: view.getUint32(28),
    releasedSequence: view.getUint32(32),
    loopAgeMs: view.getFloat32(36),
    released: view.getUint32(40),
    refused: view.getUint32(44),
    speedMps: view.getFloat32(48),
    headingRad: view.getFloat32(52),
    xM: view.getFloat64(56),
    yM: view.getFloat64(64),
    steering: view.getFloat32(72),
    drive: view.getFloat32(76),
    brake: view.getFloat32(80),
  };
}

function encodeOpaque(report: OpaqueReport): Uint8Array<ArrayBuffer> {
  if (report.payload.length > limits.reliablePayloadBytes) {
    throw new RangeError('the payload of a report is too large');
  }
  const bytes = new Uint8Array(1 + report.payload.length);
  bytes[0] = firstByte(ReportKind.opaque);
  bytes.set(report.payload, 1);
  return bytes;
}

function encodeSlot(slot: SlotReport): Uint8Array<ArrayBuffer> {
  const { mid, connectionId } = slot;
  if (!midPattern.test(mid)) throw new RangeError('a mid is 1 to 16 letters or digits');
  if (connectionId !== undefined && !connectionIdPattern.test(connectionId)) {
    throw new RangeError('a connection id is 1 to 64 letters, digits or :._-');
  }
  const name = connectionId === undefined ? mid : `${mid} ${connectionId}`;
  const names = new TextEncoder().encode(name);
  const bytes = new Uint8Array(6 + names.length);
  bytes[0] = firstByte(ReportKind.slot);
  bytes[1] = assertRange(slot.streamId, limits.streamsPerDevice - 1, 'streamId');
  const offset = assertRange(slot.timestampOffset, maxUint32, 'timestampOffset');
  new DataView(bytes.buffer).setUint32(2, offset);
  bytes.set(names, 6);
  return bytes;
}

function decodeSlot(bytes: Uint8Array, view: DataView): SlotReport | undefined {
  if (bytes.length < 7 || bytes.length > maxSlotBytes) return undefined;
  const [mid = '', connectionId, ...rest] = String.fromCharCode(...bytes.subarray(6)).split(' ');
  const streamId = bytes[1] as number;
  if (!midPattern.test(mid) || streamId >= limits.streamsPerDevice) return undefined;
  const report = { kind: 'slot', streamId, timestampOffset: view.getUint32(2), mid } as const;
  if (connectionId === undefined) return report;
  const isNamed = rest.length === 0 && connectionIdPattern.test(connectionId);
  return isNamed ? { ...report, connectionId } : undefined;
}

function encodeRefusal(refusal: RefusalReport): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(6);
  bytes[0] = firstByte(ReportKind.refusal);
  bytes[1] = refusal.code;
  new DataView(bytes.buffer).setUint32(2, assertRange(refusal.sequence, maxUint32, 'sequence'));
  return bytes;
}

function decodeRefusal(bytes: Uint8Array, view: DataView): RefusalReport | undefined {
  const code = bytes[1] as number;
  if (bytes.length !== 6 || !refusalCodes.has(code)) return undefined;
  return { kind: 'refusal', code: code as RefusalCode, sequence: view.getUint32(2) };
}

function encodeArrivals({ streams }: ArrivalsReport): Uint8Array<ArrayBuffer> {
  if (streams.length === 0)
    throw new RangeError('a report of arrivals is about at least one stream');
  assertRange(streams.length, limits.streamsPerDevice, 'streams');
  const bytes = new Uint8Array(1 + arrivalsBytes * streams.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = firstByte(ReportKind.arrivals);
  streams.forEach(({ streamId, frames, delayTicks }, i) => {
    const at = 1 + arrivalsBytes * i;
    view.setUint8(at, assertRange(streamId, limits.streamsPerDevice - 1, 'streamId'));
    view.setUint16(at + 1, assertRange(frames, 0xffff, 'frames'));
    view.setUint32(at + 3, assertRange(delayTicks, maxUint32, 'delayTicks'));
  });
  return bytes;
}

function decodeArrivals(bytes: Uint8Array, view: DataView): ArrivalsReport | undefined {
  const count = (bytes.length - 1) / arrivalsBytes;
  if (!Number.isInteger(count) || count < 1 || count > limits.streamsPerDevice) return undefined;
  const streams: StreamArrivals[] = [];
  for (let at = 1; at < bytes.length; at += arrivalsBytes) {
    const streamId = view.getUint8(at);
    if (streamId >= limits.streamsPerDevice) return undefined;
    streams.push({
      streamId,
      frames: view.getUint16(at + 1),
      delayTicks: view.getUint32(at + 3),
    });
  }
  return { kind: 'arrivals', streams };
}
