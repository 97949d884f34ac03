import type { Report } from '../../packages/protocol/src/index.ts';

/** One field of a binary frame. `name` is the member of the decoded object; undefined for fixed bytes. */
export type LayoutField = {
  offset: number;
  /** Bytes; undefined = to the end of the frame. */
  size?: number;
  type: string;
  name?: string;
  text: string;
};

/** Layout of one kind of frame. */
export type FrameLayout = { title: string; fields: LayoutField[] };

const u8 = 'u8';
const u16 = 'u16';
const u32 = 'u32';
const u64 = 'u64 (below 2⁵³)';
const i16 = 'i16';
const f32 = 'f32';
const f64 = 'f64';

/** What precedes the payload of every command. */
export const commandHeaderLayout: LayoutField[] = [
  { offset: 0, size: 1, type: u8, text: 'version 1 in the high nibble, kind in the low one' },
  { offset: 1, size: 1, type: u8, text: 'reserved, 0' },
  { offset: 2, size: 2, type: u16, name: 'ttlMs', text: 'time to live after arrival, ms' },
  { offset: 4, size: 4, type: u32, name: 'sequence', text: 'counts up by one per lease' },
  { offset: 8, size: 4, type: u32, name: 'epoch', text: 'epoch of the lease' },
  {
    offset: 12,
    size: 8,
    type: 'bytes',
    name: 'token',
    text: 'token of the lease; zero where none is needed',
  },
  {
    offset: 20,
    size: 8,
    type: u64,
    name: 'captureTimeUs',
    text: "capture time of the newest picture on screen, machine's clock, µs; 0 = none",
  },
  {
    offset: 28,
    size: 8,
    type: f64,
    name: 'inputTimeMs',
    text: "input sampled, operator's clock, ms since 1970; diagnosis only",
  },
];

/** Payload of a drive command. */
export const driveLayout: LayoutField[] = [
  { offset: 36, size: 1, type: u8, text: 'number n of axes, 0 to 16' },
  { offset: 37, size: 1, type: u8, text: 'reserved, 0' },
  { offset: 38, size: 2, type: u16, name: 'buttons', text: 'one bit per button' },
  {
    offset: 40,
    type: `${i16} × n`,
    name: 'axes',
    text: '−32,767 to 32,767 for −1 to 1; −32,768 is refused',
  },
];

/** Every other frame: reports by kind, then the two clock messages. */
export const reportLayouts: Record<Report['kind'], FrameLayout> = {
  state: {
    title: 'State report (84 bytes)',
    fields: [
      { offset: 0, size: 1, type: u8, text: 'version 1, kind 1: `0x11`' },
      { offset: 1, size: 1, type: u8, name: 'guardMode', text: 'see guard modes' },
      { offset: 2, size: 1, type: u8, name: 'lastRefusal', text: 'see RefusalCode' },
      { offset: 3, size: 1, type: u8, text: 'reserved, 0' },
      { offset: 4, size: 4, type: u32, name: 'sequence', text: 'counts up by one' },
      {
        offset: 8,
        size: 8,
        type: u64,
        name: 'machineTimeUs',
        text: "machine's clock when sent, µs",
      },
      {
        offset: 16,
        size: 8,
        type: f64,
        name: 'clockOffsetUs',
        text: "media worker's clock − machine's clock, µs; NaN = unknown",
      },
      { offset: 24, size: 4, type: f32, name: 'clockUncertaintyUs', text: 'µs; ∞ = unknown' },
      { offset: 28, size: 4, type: u32, name: 'epoch', text: 'epoch of the lease' },
      {
        offset: 32,
        size: 4,
        type: u32,
        name: 'releasedSequence',
        text: 'newest released command of this epoch',
      },
      {
        offset: 36,
        size: 4,
        type: f32,
        name: 'loopAgeMs',
        text: 'ms; NaN before the first released command',
      },
      { offset: 40, size: 4, type: u32, name: 'released', text: 'commands released so far' },
      { offset: 44, size: 4, type: u32, name: 'refused', text: 'commands refused so far' },
      { offset: 48, size: 4, type: f32, name: 'speedMps', text: 'm/s, negative in reverse' },
      { offset: 52, size: 4, type: f32, name: 'headingRad', text: 'rad, mathematical sense' },
      { offset: 56, size: 8, type: f64, name: 'xM', text: 'm' },
      { offset: 64, size: 8, type: f64, name: 'yM', text: 'm' },
      {
        offset: 72,
        size: 4,
        type: f32,
        name: 'steering',
        text: 'followed by the actuators now, −1 to 1',
      },
      { offset: 76, size: 4, type: f32, name: 'drive', text: 'likewise' },
      { offset: 80, size: 4, type: f32, name: 'brake', text: 'likewise' },
    ],
  },
  opaque: {
    title: 'Opaque report',
    fields: [
      { offset: 0, size: 1, type: u8, text: 'version 1, kind 2: `0x12`' },
      {
        offset: 1,
        type: 'bytes',
        name: 'payload',
        text: "the application's own bytes, up to the reliable limit",
      },
    ],
  },
  slot: {
    title: 'Slot report, from the media worker',
    fields: [
      { offset: 0, size: 1, type: u8, text: 'version 1, kind 3: `0x13`' },
      { offset: 1, size: 1, type: u8, name: 'streamId', text: 'what the slot shows from now on' },
      {
        offset: 2,
        size: 4,
        type: u32,
        name: 'timestampOffset',
        text: 'capture time (90 kHz) = RTP timestamp − this, mod 2³²',
      },
      { offset: 6, type: 'ASCII', name: 'mid', text: 'slot, 1 to 16 letters or digits' },
    ],
  },
  refusal: {
    title: 'Refusal report, from the media worker (6 bytes)',
    fields: [
      { offset: 0, size: 1, type: u8, text: 'version 1, kind 4: `0x14`' },
      { offset: 1, size: 1, type: u8, name: 'code', text: 'see RefusalCode' },
      { offset: 2, size: 4, type: u32, name: 'sequence', text: 'of the refused command' },
    ],
  },
  arrivals: {
    title: 'Arrivals report, from the media worker once a second',
    fields: [
      { offset: 0, size: 1, type: u8, text: 'version 1, kind 5: `0x15`' },
      {
        offset: 1,
        type: '(u8, u16, u32) × n',
        name: 'streams',
        text: "n = 1 to 8: stream, pictures that arrived, and their mean delay in ticks of 90 kHz mod 2³²: arrival of a picture's last packet (worker's clock) − its RTP timestamp (machine's clock)",
      },
    ],
  },
};

/** The two messages of the clock exchange. */
export const clockLayouts: Record<'request' | 'reply', FrameLayout> = {
  request: {
    title: 'Clock request (9 bytes)',
    fields: [
      { offset: 0, size: 1, type: u8, text: 'kind: `1`' },
      { offset: 1, size: 8, type: f64, name: 'sentUs', text: "asker's clock when it asks, µs" },
    ],
  },
  reply: {
    title: 'Clock reply (25 bytes)',
    fields: [
      { offset: 0, size: 1, type: u8, text: 'kind: `2`' },
      { offset: 1, size: 8, type: f64, name: 'sentUs', text: 'as in the request' },
      {
        offset: 9,
        size: 8,
        type: f64,
        name: 'receivedUs',
        text: "answerer's clock at arrival, µs",
      },
      {
        offset: 17,
        size: 8,
        type: f64,
        name: 'repliedUs',
        text: "answerer's clock at departure, µs",
      },
    ],
  },
};
