import {
  type Command,
  decodeClock,
  decodeCommand,
  decodeReport,
  encodeClock,
  encodeCommand,
  encodeReport,
  noToken,
  type Report,
} from '@longreach/protocol';
import { expectThat, type FuzzTarget } from '../fuzz-target.ts';

/** What was read, written and read again is the same. */
function checkTwice<Value>(
  input: Uint8Array<ArrayBuffer>,
  decode: (bytes: Uint8Array) => Value | undefined,
  encode: (value: Value) => Uint8Array<ArrayBuffer>,
): void {
  const value = decode(input);
  if (value === undefined) return;
  const bytes = encode(value);
  expectThat(bytes.length <= input.length, 'longer when written again');
  const again = decode(bytes);
  expectThat(again !== undefined, 'what was written cannot be read');
  expectThat(Buffer.compare(encode(again), bytes) === 0, 'another value when read again');
}

const header = {
  ...{ sequence: 7, ttlMs: 200, epoch: 3, token: '0123456789abcdef' },
  ...{ captureTimeUs: 123_456_789, inputTimeMs: 42.5 },
};

/** Frames of the `control` and `command` channels. */
export const commandTarget: FuzzTarget = {
  name: 'frame-command',
  examples: () => {
    const commands: Command[] = [
      { kind: 'drive', ...header, axes: [-0.5, 1, 0], buttons: 3 },
      { kind: 'opaque', ...header, payload: Uint8Array.of(1, 2, 3) },
      { kind: 'emergencyStop', ...header, epoch: 0, token: noToken },
      { kind: 'rearm', ...header },
    ];
    return commands.map(encodeCommand);
  },
  run: (input) => checkTwice(input, decodeCommand, encodeCommand),
};

/** Frames of the `report` channel. */
export const reportTarget: FuzzTarget = {
  name: 'frame-report',
  examples: () => {
    const state: Report = {
      ...{ kind: 'state', sequence: 5, machineTimeUs: 1e9, clockOffsetUs: -12.5 },
      ...{ clockUncertaintyUs: 300, guardMode: 'armed', epoch: 2, releasedSequence: 4 },
      ...{ loopAgeMs: 80, released: 4, refused: 1, lastRefusal: 0, speedMps: 1.5, headingRad: 0.1 },
      ...{ xM: 3, yM: -4, steering: 0.2, drive: 0.3, brake: 0 },
    } as Report;
    const others: Report[] = [
      { kind: 'opaque', payload: Uint8Array.of(9, 8) },
      { kind: 'slot', mid: 'd0', streamId: 2, timestampOffset: 4_294_967_295 },
      { kind: 'refusal', code: 1, sequence: 3 } as Report,
      { kind: 'arrivals', streams: [{ streamId: 7, frames: 60, delayTicks: 4_294_967_295 }] },
    ];
    return [state, ...others].map(encodeReport);
  },
  run: (input) => checkTwice(input, decodeReport, encodeReport),
};

/** Frames of the `clock` channel. */
export const clockTarget: FuzzTarget = {
  name: 'frame-clock',
  examples: () => [
    encodeClock({ kind: 'request', sentUs: 1_234.5 }),
    encodeClock({ kind: 'reply', sentUs: 1, receivedUs: 2, repliedUs: 3 }),
  ],
  run: (input) => checkTwice(input, decodeClock, encodeClock),
};
