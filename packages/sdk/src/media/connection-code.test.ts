import { PeerConnectionCode } from '@longreach/protocol';
import { expect, it } from 'vitest';
import { connectionEvent } from './connection-code.ts';

it.each([
  ['connected', 0],
  ['new', 1],
  ['connecting', 2],
  ['failed', 3],
  ['disconnected', 4],
  ['closed', 5],
  ['reconnecting', 6],
  ['not_support', 255],
  ['limit_exceeded', 256],
] as const)('the state %s is told with its public code %i', (state, code) => {
  const event = { deviceId: 'truck', state, code, message: 'why', data: {} };
  expect(connectionEvent('truck', state, 'why')).toEqual(event);
});

it('every code has a state', () => {
  expect(Object.keys(PeerConnectionCode)).toHaveLength(9);
});
