import { Emitter } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';
import { expect, it, vi } from 'vitest';
import type { ClientEvents } from './api.ts';
import { invalidParameters } from './errors.ts';
import { connectionEvent } from './media/connection-code.ts';
import { bridgeObserver } from './observer-bridge.ts';

function setUp(names: string[]) {
  const events = new Emitter<ClientEvents>();
  const observer = Object.fromEntries(names.map((name) => [name, vi.fn()]));
  bridgeObserver(observer, (name, listener) => events.on(name, listener));
  return { events, observer };
}

it('an error is told as it was thrown, with its code', () => {
  const { events, observer } = setUp(['onError']);
  const error = invalidParameters('odd');
  events.emit('errorOccurred', error);
  expect(observer.onError?.mock.calls).toEqual([[error]]);
  expect(error.code).toBe(NetworkErrorCode.InvalidParameters);
});

it('what the machine sends is passed on as bytes', () => {
  const { events, observer } = setUp(['onReportData']);
  const report = { deviceId: 'truck', data: Uint8Array.of(1, 2, 3) };
  events.emit('reportReceived', report);
  expect(observer.onReportData?.mock.calls).toEqual([[report]]);
});

it('an observer hears only what it has a callback for', () => {
  const { events, observer } = setUp(['onPeerConnectionState']);
  events.emit('connected', { deviceId: 'truck' });
  events.emit('peerConnectionStateChanged', connectionEvent('truck', 'failed', 'no path'));
  events.emit('errorOccurred', new Error('x'));
  expect(observer.onPeerConnectionState?.mock.calls).toEqual([
    [{ deviceId: 'truck', state: 'failed', code: 3, message: 'no path', data: {} }],
  ]);
});
