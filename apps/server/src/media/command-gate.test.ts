import {
  type Command,
  CommandKind,
  encodeCommand,
  noToken,
  RefusalCode,
} from '@longreach/protocol';
import { expect, test } from 'vitest';
import { CommandGate, LeaseMirror } from './command-gate.ts';

const limits = {
  messagesPerSecond: 100,
  bytesPerSecond: 1000,
  unreliablePayloadBytes: 64,
  reliablePayloadBytes: 256,
};
const token = 'a1a2a3a4a5a6a7a8';

function gateOf(senderId: string): { gate: CommandGate; lease: LeaseMirror } {
  const lease = new LeaseMirror();
  lease.update({ epoch: 5, masterId: 'op1' as never, reason: 'granted', token });
  return { gate: new CommandGate(lease, senderId, limits), lease };
}

function opaque(payloadBytes: number, changes: Partial<Command> = {}): Uint8Array {
  return encodeCommand({
    kind: 'opaque',
    sequence: 1,
    epoch: 5,
    token,
    ttlMs: 100,
    captureTimeUs: 0,
    inputTimeMs: 0,
    payload: new Uint8Array(payloadBytes),
    ...changes,
  } as Command);
}

test('the master passes under the present lease only', () => {
  const { gate, lease } = gateOf('op1');
  expect(gate.check(opaque(1), false, 0)).toBe(RefusalCode.None);
  expect(gate.check(opaque(1, { epoch: 4 }), false, 0)).toBe(RefusalCode.OldEpoch);
  expect(gate.check(opaque(1, { epoch: 6 }), false, 0)).toBe(RefusalCode.OldEpoch);
  expect(gate.check(opaque(1, { token: noToken }), false, 0)).toBe(RefusalCode.WrongToken);
  lease.update({ epoch: 6, masterId: null, reason: 'released' });
  expect(gate.check(opaque(1, { epoch: 6 }), false, 0)).toBe(RefusalCode.NotMaster);
});

test('a guest is refused whatever epoch and token it copies', () => {
  expect(gateOf('op2').gate.check(opaque(1), false, 0)).toBe(RefusalCode.NotMaster);
});

test('a frame above its channel’s size is refused, one at the limit passes', () => {
  const { gate } = gateOf('op1');
  expect(gate.check(opaque(65), false, 0)).toBe(RefusalCode.TooLarge);
  expect(gate.check(opaque(64), false, 0)).toBe(RefusalCode.None);
  expect(gate.check(opaque(257), true, 0)).toBe(RefusalCode.TooLarge);
  expect(gate.check(opaque(256), true, 1_000_000)).toBe(RefusalCode.None);
});

test('100 frames a second pass for ever, 200 do not', () => {
  const passed = (perSecond: number) => {
    const { gate } = gateOf('op1');
    const frame = opaque(0);
    let count = 0;
    for (let i = 0; i < perSecond * 10; i++) {
      const refusal = gate.check(frame, false, (i * 1_000_000) / perSecond);
      if (refusal === RefusalCode.None) count += 1;
    }
    return count;
  };
  expect(passed(100)).toBe(1000);
  expect(passed(200)).toBeLessThan(1050);
});

test('an emergency stop passes from anybody at any rate; one with a tail is malformed', () => {
  const { gate } = gateOf('op2');
  const stop = encodeCommand({
    kind: 'emergencyStop',
    sequence: 0,
    epoch: 0,
    token: noToken,
    ttlMs: 1,
    captureTimeUs: 0,
    inputTimeMs: 0,
  });
  for (let i = 0; i < 1000; i++) expect(gate.check(stop, false, 0)).toBe(RefusalCode.None);
  expect(gate.check(Buffer.concat([stop, Buffer.alloc(1)]), false, 0)).toBe(RefusalCode.Malformed);
});

test('bytes that are no command are refused as such', () => {
  const { gate } = gateOf('op1');
  expect(gate.check(new Uint8Array(0), false, 0)).toBe(RefusalCode.Malformed);
  expect(gate.check(new Uint8Array(36).fill(CommandKind.drive), false, 0)).toBe(
    RefusalCode.Malformed,
  );
});
