import { describe, expect, it } from 'vitest';
import {
  type ClockReply,
  type Command,
  encodeClock,
  encodeCommand,
  encodeReport,
  type Report,
} from '../../packages/protocol/src/index.ts';
import {
  clockLayouts,
  commandHeaderLayout,
  driveLayout,
  type LayoutField,
  reportLayouts,
} from './frame-layouts.ts';

const drive: Command = {
  kind: 'drive',
  ttlMs: 0,
  sequence: 0,
  epoch: 0,
  token: '0'.repeat(16),
  captureTimeUs: 0,
  inputTimeMs: 0,
  buttons: 0,
  axes: [0, 0, 0],
};
const state: Report = {
  kind: 'state',
  guardMode: 'stopped',
  lastRefusal: 0,
  ...{ sequence: 0, machineTimeUs: 0, clockOffsetUs: 0, clockUncertaintyUs: 0, epoch: 0 },
  ...{ releasedSequence: 0, loopAgeMs: 0, released: 0, refused: 0, speedMps: 0 },
  ...{ headingRad: 0, xM: 0, yM: 0, steering: 0, drive: 0, brake: 0 },
};
const reply: ClockReply = { kind: 'reply', sentUs: 0, receivedUs: 0, repliedUs: 0 };

/** Another value for a field, one that changes its first and its last byte where it has many. */
const changed: Record<string, unknown> = {
  token: 'ff00000000000001',
  guardMode: 'fault',
  lastRefusal: 3,
  code: 5,
  axes: [1, 1, 1],
  payload: Uint8Array.of(9, 9, 9),
  mid: 'zz',
  streams: [{ streamId: 2, frames: 1, delayTicks: 2 }],
  streamId: 5,
  ttlMs: 0xff01,
  buttons: 0xff01,
  captureTimeUs: 0x11_0000_0000_0001,
  machineTimeUs: 0x11_0000_0000_0001,
};
const changedNumber: Record<string, number> = { u32: 0xff000001, f32: -1.1, f64: -1.1 };

const cases: Array<[string, LayoutField[], object, (value: never) => Uint8Array]> = [
  ['drive command', [...commandHeaderLayout, ...driveLayout], drive, encodeCommand],
  ['state report', reportLayouts.state.fields, state, encodeReport],
  [
    'opaque report',
    reportLayouts.opaque.fields,
    { kind: 'opaque', payload: Uint8Array.of(1, 1, 1) },
    encodeReport,
  ],
  [
    'slot report',
    reportLayouts.slot.fields,
    { kind: 'slot', streamId: 0, timestampOffset: 0, mid: '00' },
    encodeReport,
  ],
  [
    'refusal report',
    reportLayouts.refusal.fields,
    { kind: 'refusal', code: 0, sequence: 0 },
    encodeReport,
  ],
  [
    'arrivals report',
    reportLayouts.arrivals.fields,
    { kind: 'arrivals', streams: [{ streamId: 1, frames: 1, delayTicks: 1 }] },
    encodeReport,
  ],
  ['clock request', clockLayouts.request.fields, { kind: 'request', sentUs: 0 }, encodeClock],
  ['clock reply', clockLayouts.reply.fields, reply, encodeClock],
];

describe('documented frame layouts', () => {
  it.each(cases)(
    'of the %s cover the frame without gap or overlap',
    (_name, fields, value, encode) => {
      const bytes = encode(value as never);
      let at = 0;
      for (const field of fields) {
        expect(field.offset).toBe(at);
        at = field.size === undefined ? bytes.length : at + field.size;
      }
      expect(at).toBe(bytes.length);
    },
  );

  it.each(cases)(
    'of the %s put each field where the codec does',
    (_name, fields, value, encode) => {
      const before = encode(value as never);
      const named = fields.flatMap((field) => (field.name === undefined ? [] : [field.name]));
      expect(named.toSorted()).toEqual(
        Object.keys(value)
          .filter((key) => key !== 'kind')
          .toSorted(),
      );
      for (const field of fields) {
        if (field.name === undefined) continue;
        const other = changed[field.name] ?? changedNumber[field.type];
        const after = encode({ ...value, [field.name]: other } as never);
        const different = [...after.keys()].filter((at) => after[at] !== before[at]);
        const end = field.size === undefined ? before.length : field.offset + field.size;
        // The highest byte of a number below 2⁵³ is always zero.
        const start = field.type.startsWith('u64') ? field.offset + 1 : field.offset;
        expect([field.name, different[0]]).toEqual([field.name, start]);
        expect([field.name, different.at(-1)]).toEqual([field.name, end - 1]);
      }
    },
  );
});
