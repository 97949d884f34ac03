import {
  canonicalHeaderBytes,
  PacketBuilder,
  packetizeH264,
  readSequence,
  readSsrc,
  readTimestamp,
  unwrapRtx,
} from '@longreach/rtp';
import { expect, test } from 'vitest';
import { PacketRepeater } from './packet-repeater.ts';

function setUp() {
  const builder = new PacketBuilder({ payloadType: 102, ssrc: 1, mid: '0', firstSequence: 65_534 });
  const unit = Buffer.concat([Buffer.from([0, 0, 1, 0x65]), Buffer.alloc(5000, 0x77)]);
  const packets = packetizeH264(unit, 1e9, builder);
  const repeater = new PacketRepeater({ mid: '0', rtxSsrc: 2, firstSequence: 9 });
  for (const packet of packets) {
    repeater.remember(readSequence(packet), readTimestamp(packet), packet, 0);
  }
  return {
    packets,
    repeater,
    repeat: (seq: number, nowUs: number) => repeater.repeatAll([seq], 1, nowUs)[0],
  };
}

test('a repeat carries the original packet under its own SSRC and sequence, also across the wrap', () => {
  const { packets, repeat } = setUp();
  packets.forEach((packet, i) => {
    const bytes = repeat(readSequence(packet), 10) as Buffer;
    expect([readSsrc(bytes), readSequence(bytes)]).toEqual([2, 9 + i]);
    const original = unwrapRtx(bytes, { ssrc: 1, payloadType: 102 }) as Buffer;
    expect(readSequence(original)).toBe(readSequence(packet));
    expect(readTimestamp(original)).toBe(readTimestamp(packet));
    expect(
      Buffer.compare(
        original.subarray(canonicalHeaderBytes),
        packet.subarray(canonicalHeaderBytes),
      ),
    ).toBe(0);
  });
});

test('the same packet is repeated once in 5 ms and twelve times at most; an unknown one never', () => {
  const { packets, repeater, repeat } = setUp();
  const sequence = readSequence(packets[1] as Buffer);
  expect(repeat(sequence, 0)).toBeDefined();
  expect(repeat(sequence, 4999)).toBeUndefined();
  for (let i = 1; i <= 20; i++) repeat(sequence, i * 6000);
  expect(repeater.repeated).toBe(12);
  expect(repeat(sequence + 1000, 0)).toBeUndefined();
  expect(repeat(readSequence(packets[2] as Buffer), 5_000_000)).toBeUndefined();
});

test('while answers take long, a packet is not repeated again before the repeat can have been seen', () => {
  const { packets, repeater, repeat } = setUp();
  const sequence = readSequence(packets[1] as Buffer);
  repeater.answerUs = 200_000;
  expect(repeat(sequence, 0)).toBeDefined();
  expect(repeater.due([sequence], 199_999)).toEqual([]);
  expect(repeat(sequence, 199_999)).toBeUndefined();
  expect(repeater.due([sequence], 200_000)).toEqual([sequence]);
  repeater.answerUs = 0;
  expect(repeat(sequence, 5_000)).toBeDefined();
});

test('a flood of requests is bounded', () => {
  const { packets, repeater, repeat } = setUp();
  for (let round = 0; round < 300; round++) {
    for (const packet of packets) {
      const sequence = readSequence(packet);
      repeater.remember(sequence, 0, packet, 0);
      repeat(sequence, 0);
    }
  }
  expect(repeater.repeated).toBeLessThanOrEqual(600);
});

test('copies of several repeats take turns, each under its own sequence', () => {
  const { packets, repeater } = setUp();
  const sequences = packets.slice(0, 3).map((packet) => readSequence(packet));
  const repeats = repeater.repeatAll(sequences, 2, 0);
  expect(repeats.map((repeat) => readSequence(repeat))).toEqual([9, 10, 11, 12, 13, 14]);
  expect(repeats.map((repeat) => repeat.readUInt16BE(canonicalHeaderBytes))).toEqual([
    ...sequences,
    ...sequences,
  ]);
});
