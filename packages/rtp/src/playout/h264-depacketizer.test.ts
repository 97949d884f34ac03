import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NalType } from '../h264-nal.ts';
import { VideoPackets } from '../testing/video-packets.ts';
import { H264Depacketizer, maxAccessUnitBytes } from './h264-depacketizer.ts';

const startCode = [0, 0, 0, 1];

describe('H264Depacketizer', () => {
  it('DP1 gives the Annex B bytes of single units, aggregates and fragments', () => {
    const single = Uint8Array.of(0x61, 1, 2);
    const aggregate = Uint8Array.of(0x78, 0, 2, 0x67, 9, 0, 1, 0x68);
    const fragments = [Uint8Array.of(0x7c, 0x85, 3), Uint8Array.of(0x7c, 0x45, 4)];
    const whole = new H264Depacketizer().assemble([aggregate, ...fragments, single]);
    const units = [[0x67, 9], [0x68], [0x65, 3, 4], [0x61, 1, 2]];
    expect([...(whole?.data ?? [])]).toEqual(units.flatMap((bytes) => [...startCode, ...bytes]));
  });

  it('DP2 tells key frames, and the codec of their parameter sets', () => {
    const packets = new VideoPackets();
    const payloads = (key: boolean) => packets.next(key).map(({ payload }) => payload);
    const depacketizer = new H264Depacketizer();
    const sps = Uint8Array.of(0x67, 0x42, 0xe0, 0x1f, 1);
    expect(depacketizer.assemble([sps, ...payloads(true)])?.codec).toMatch(/^avc1\.[0-9a-f]{6}$/);
    expect(depacketizer.assemble([sps])).toMatchObject({ key: false, codec: 'avc1.42e01f' });
    expect(depacketizer.assemble(payloads(true))?.key).toBe(true);
    const delta = depacketizer.assemble(payloads(false));
    expect([delta?.key, delta?.codec]).toEqual([false, undefined]);
  });

  it.each([
    ['a fragment without its start', [[0x7c, 0x05, 1]]],
    ['a fragment without its end', [[0x7c, 0x85, 1]]],
    [
      'something else inside a fragment',
      [
        [0x7c, 0x85, 1],
        [0x61, 1],
      ],
    ],
    ['an aggregate that ends too early', [[0x78, 0, 9, 0x67]]],
    ['an aggregate with an empty unit', [[0x78, 0, 0, 0, 1, 0x67]]],
    ['a type that RFC 6184 mode 1 does not have', [[NalType.fuA + 1, 1, 2, 3]]],
    ['nothing at all', [[]]],
  ])('DP3 gives nothing for %s', (_what, payloads) => {
    const bytes = (payloads as number[][]).map((one) => Uint8Array.from(one));
    expect(new H264Depacketizer().assemble(bytes)).toBeUndefined();
  });

  it('DP3 never throws, and goes on after what it refused', () => {
    const depacketizer = new H264Depacketizer();
    const good = new VideoPackets().next(true).map(({ payload }) => payload);
    const expected = depacketizer.assemble(good);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (payloads) => {
        depacketizer.assemble(payloads);
        expect(depacketizer.assemble(good)).toEqual(expected);
      }),
    );
  });

  it('DP4 refuses an access unit of more than 4 MiB', () => {
    const piece = new Uint8Array(60_000).fill(0x61);
    const count = Math.ceil(maxAccessUnitBytes / piece.length);
    const depacketizer = new H264Depacketizer();
    expect(depacketizer.assemble(new Array(count).fill(piece))).toBeUndefined();
    expect(depacketizer.assemble(new Array(count - 1).fill(piece))).toBeDefined();
  });
});
