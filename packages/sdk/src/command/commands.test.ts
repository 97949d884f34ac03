import { decodeCommand, noToken, RefusalCode } from '@longreach/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualPageClock } from '../testing/manual-page-clock.ts';
import { CommandBuilder } from './command-builder.ts';
import { refusalOf } from './command-gate.ts';
import { CommandStream, type CommandStreamOptions } from './command-stream.ts';
import { ControlDataLimits } from './control-data-limits.ts';
import { Deadlines } from './deadlines.ts';

const basis = { captureTimeUs: 123_456, inputTimeMs: 5000.5 };
const held = (epoch: number) => ({ epoch, token: '00112233445566ff' });
const input = { axes: [0.5, -1] };

function stream(overrides: Partial<CommandStreamOptions>) {
  const clock = new ManualPageClock();
  const sent: number[] = [];
  const refused: RefusalCode[] = [];
  const errors: Error[] = [];
  const running = new CommandStream({
    hz: 50,
    clock,
    sample: () => input,
    refusal: () => RefusalCode.None,
    send: () => sent.push(clock.nowMs()),
    onRefused: (code) => refused.push(code),
    onError: (error) => errors.push(error),
    ...overrides,
  });
  return { clock, sent, refused, errors, running };
}

describe('drive commands', () => {
  it('G1 need the lease, a visible page and a picture of at most 500 ms', () => {
    const good = { isMaster: true, isPageVisible: true, pictureAgeMs: 500 };
    expect(refusalOf(good)).toBe(RefusalCode.None);
    expect(refusalOf({ ...good, isMaster: false })).toBe(RefusalCode.NotMaster);
    expect(refusalOf({ ...good, isPageVisible: false })).toBe(RefusalCode.StalePicture);
    for (const pictureAgeMs of [500.1, Number.POSITIVE_INFINITY]) {
      expect(refusalOf({ ...good, pictureAgeMs })).toBe(RefusalCode.StalePicture);
    }
  });

  it('G2 count on from the time of the first frame in each lease, over all kinds; a frame that fails uses no number', () => {
    const builder = new CommandBuilder();
    const frames = [
      builder.drive(held(7), basis, input),
      builder.rearm(held(7), basis),
      builder.opaque(held(7), basis, Uint8Array.of(1), 0),
      builder.drive(held(8), basis, input),
    ];
    expect(() => builder.drive(held(8), basis, { axes: [2] })).toThrow(RangeError);
    frames.push(builder.drive(held(8), basis, input));
    const commands = frames.map((frame) => decodeCommand(frame));
    const first = Math.floor(basis.inputTimeMs) + 1;
    const sequences = commands.map((command) => command?.sequence);
    expect(sequences).toEqual([first, first + 1, first + 2, first, first + 1]);
    expect(commands[0]).toMatchObject({ kind: 'drive', ttlMs: 300, captureTimeUs: 123_456 });
    const stop = decodeCommand(builder.emergencyStop(basis));
    expect(stop).toMatchObject({ kind: 'emergencyStop', epoch: 0, token: noToken });
  });

  it('G3 leave at absolute deadlines: lateness does not add up, nothing is caught up', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 70, noNaN: true })), (latenesses) => {
        const deadlines = new Deadlines(20, 1000);
        let nowMs = 1000;
        for (const late of latenesses) {
          const dueMs = nowMs + deadlines.nextDelayMs(nowMs);
          const periods = (dueMs - 1000) / 20;
          expect(Math.abs(periods - Math.round(periods))).toBeLessThan(1e-6);
          expect(dueMs - nowMs).toBeLessThanOrEqual(20 + 1e-6);
          nowMs = dueMs + late;
        }
      }),
    );
  });

  it('G3 leave 50 times a second, and once after a stall', async () => {
    const { clock, sent, running } = stream({});
    await clock.advance(1000);
    expect(sent).toHaveLength(50);
    await clock.stall(500);
    expect(sent).toHaveLength(51);
    running.stop();
    await clock.advance(1000);
    expect(sent).toHaveLength(51);
    expect(clock.pending).toBe(0);
  });

  it('G4 tell the reason why nothing leaves when it changes', async () => {
    let code: RefusalCode = RefusalCode.None;
    const { clock, sent, refused, running } = stream({ refusal: () => code });
    await clock.advance(100);
    code = RefusalCode.StalePicture;
    await clock.advance(100);
    code = RefusalCode.NotMaster;
    await clock.advance(100);
    code = RefusalCode.None;
    await clock.advance(100);
    running.stop();
    expect(refused).toEqual([RefusalCode.StalePicture, RefusalCode.NotMaster]);
    expect(sent).toHaveLength(10);
  });

  it('G5 go on after a sample function that throws', async () => {
    let broken = true;
    const sample = () => {
      if (broken) throw new Error('no gamepad');
      return input;
    };
    const { clock, sent, errors, running } = stream({ sample });
    await clock.advance(200);
    broken = false;
    await clock.advance(100);
    running.stop();
    expect(errors).toHaveLength(1);
    expect(sent).toHaveLength(5);
  });
});

it('G6 opaque data is bounded in size and rate', () => {
  const data = new ControlDataLimits();
  expect(data.check(1024, 0, 0)).toBe(RefusalCode.None);
  expect(data.check(1025, 0, 0)).toBe(RefusalCode.TooLarge);
  expect(data.check(10 * 1024 + 1, 1, 0)).toBe(RefusalCode.TooLarge);
  const verdicts = Array.from({ length: 100 }, () => data.check(1, 0, 0));
  expect(verdicts.filter((code) => code === RefusalCode.TooOften).length).toBeGreaterThan(70);
  expect(data.check(10 * 1024, 1, 1_000_000)).toBe(RefusalCode.None);
});
