import { expect, it } from 'vitest';
import { decoderTypeOf } from './decoder-type.ts';

it.each([
  ['FFmpeg', false, 'software'],
  ['libvpx', undefined, 'software'],
  ['VaapiVideoDecoder', undefined, 'hardware'],
  ['D3D11VideoDecoder', false, 'hardware'],
  ['ExternalDecoder', true, 'hardware'],
  [undefined, true, 'hardware'],
  ['ExternalDecoder', false, 'unknown'],
  [undefined, undefined, 'unknown'],
] as const)('%s, power-efficient %s: %s', (implementation, powerEfficient, type) => {
  expect(decoderTypeOf(implementation, powerEfficient)).toBe(type);
});
