import { PacketBuilder, packetizeOpus } from '@longreach/rtp';
import { expect, test } from 'vitest';
import { VoiceReceiver } from './voice-receiver.ts';

function voice(firstSequence: number, count: number): Buffer[] {
  const builder = new PacketBuilder({ payloadType: 111, ssrc: 1, mid: 'a', firstSequence });
  return Array.from({ length: count }, (_, i) => packetizeOpus(Buffer.from([i, 7]), i, builder));
}

test('packets become Opus frames in order; repeated and late ones are dropped', () => {
  const receiver = new VoiceReceiver(2);
  const [first, second, third] = voice(65_535, 3) as [Buffer, Buffer, Buffer];
  const taken = [first, third, second, third].map(
    (packet) => receiver.handlePacket(packet)?.data[0],
  );
  expect(taken).toEqual([0, 2, undefined, undefined]);
  expect(receiver.handlePacket(voice(3, 1)[0] as Buffer)).toMatchObject({
    streamId: 2,
    mediaType: 'audio',
  });
});

test('another sender far behind is heard at once; what is no RTP never', () => {
  const receiver = new VoiceReceiver(0);
  expect(receiver.handlePacket(voice(30_000, 1)[0] as Buffer)).toBeDefined();
  expect(receiver.handlePacket(voice(5, 1)[0] as Buffer)).toBeDefined();
  for (const bytes of [[], [1], [0x80, 111], new Array(12).fill(0xff)]) {
    expect(receiver.handlePacket(Buffer.from(bytes))).toBeUndefined();
  }
});
