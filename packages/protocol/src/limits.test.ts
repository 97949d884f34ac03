import { describe, expect, it } from 'vitest';
import { deviceIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { requestSchemas } from './signaling.ts';
import { trackIdOf } from './track-id.ts';

describe('limits', () => {
  it('are the public ones', () => {
    expect(limits).toMatchObject({
      unreliablePayloadBytes: 1024,
      reliablePayloadBytes: 10_240,
      messagesPerSecond: 100,
      bytesPerSecond: 102_400,
      signalingMessageBytes: 65_536,
      streamsPerDevice: 8,
    });
  });

  it('bound stream ids and slots in requests', () => {
    const offer = { deviceId: 'truck1', connectionId: 'c1', sdp: 'v=0' };
    const slot = { mid: '0', streamId: limits.streamsPerDevice - 1, mediaType: 'video' };
    const ok = { ...offer, slots: new Array(3 * limits.streamsPerDevice).fill(slot) };
    expect(requestSchemas.offer.safeParse(ok).success).toBe(true);
    expect(requestSchemas.offer.safeParse({ ...ok, slots: [...ok.slots, slot] }).success).toBe(
      false,
    );
    const beyond = { ...slot, streamId: limits.streamsPerDevice };
    expect(requestSchemas.offer.safeParse({ ...offer, slots: [beyond] }).success).toBe(false);
  });

  it('refuse unknown keys', () => {
    expect(requestSchemas.join.safeParse({ deviceId: 'a' }).success).toBe(true);
    expect(requestSchemas.join.safeParse({ deviceId: 'a', extra: 1 }).success).toBe(false);
  });
});

describe('ids', () => {
  it.each(['a', 'truck_1', 'project/truck-1', 'A.b', 'x'.repeat(128)])('accept %s', (text) => {
    expect(deviceIdSchema.safeParse(text).success).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    '../etc',
    'a/..',
    '/',
    'a/',
    '/a',
    'a/b/c',
    'a b',
    'ä',
    'a:b',
    'x'.repeat(129),
    'a\n',
  ])('refuse %j', (text) => {
    expect(deviceIdSchema.safeParse(text).success).toBe(false);
  });

  it('name a track by device, stream and medium', () => {
    expect(trackIdOf('p/truck', 2, 'video')).toBe('p/truck:2:video');
  });
});
