import { expect, it } from 'vitest';
import { encodeLocalFrame, LocalFrame, LocalFrameReader, readJson } from './framing.ts';

it('puts frames together, however their bytes are cut', () => {
  const sent = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')];
  const bytes = Buffer.concat(sent.map((payload) => encodeLocalFrame(LocalFrame.command, payload)));
  for (const step of [1, 2, 7, bytes.length]) {
    const seen: Buffer[] = [];
    const reader = new LocalFrameReader((type, payload) => {
      expect(type).toBe(LocalFrame.command);
      seen.push(Buffer.from(payload));
    });
    for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
    expect(seen).toEqual(sent);
  }
});

it('refuses a frame above the limit of its reader before the frame has come', () => {
  const limitBytes = 100;
  const fits = encodeLocalFrame(LocalFrame.json, Buffer.alloc(limitBytes - 1));
  const tooLarge = encodeLocalFrame(LocalFrame.json, Buffer.alloc(limitBytes));
  let frames = 0;
  const reader = new LocalFrameReader(() => frames++, limitBytes);
  reader.push(fits);
  expect(frames).toBe(1);
  expect(() => reader.push(tooLarge.subarray(0, 5))).toThrow(RangeError);
  expect(() => new LocalFrameReader(() => {}).push(Buffer.alloc(8, 0xff))).toThrow(RangeError);
  expect(() => new LocalFrameReader(() => {}).push(Buffer.alloc(8))).toThrow(RangeError);
});

it('gives undefined for a JSON frame without JSON', () => {
  expect(readJson(Buffer.from('{"a":1}'))).toEqual({ a: 1 });
  expect(readJson(Buffer.from('{'))).toBeUndefined();
});
