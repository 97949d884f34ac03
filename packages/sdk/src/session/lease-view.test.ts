import type { DeviceId, Lease } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { LeaseView } from './lease-view.ts';

function lease(epoch: number, masterId: string | null, token?: string): Lease {
  const holder = masterId as DeviceId | null;
  return { epoch, masterId: holder, reason: 'granted', ...(token ? { token } : {}) };
}
const token = '0123456789abcdef';

describe('LeaseView', () => {
  it('E1 ignores an older epoch', () => {
    const view = new LeaseView('truck', 'me');
    view.update(lease(5, 'other'));
    expect(view.update(lease(4, 'me', token))).toBeUndefined();
    expect(view.event()).toMatchObject({ masterId: 'other', epoch: 5 });
  });

  it('E2 keeps the token through a repetition without it and drops it with the lease', () => {
    const view = new LeaseView('truck', 'me');
    view.update(lease(5, 'me', token));
    expect(view.update(lease(5, 'me'))).toBeUndefined();
    expect(view.held()).toEqual({ epoch: 5, token });
    view.update(lease(6, 'me'));
    expect(view.held()).toBeUndefined();
  });

  it('E3 is master only as the holder, and never shows the token', () => {
    const view = new LeaseView('truck', 'me');
    expect(view.update(lease(5, 'other'))?.permission).toBe('guest');
    expect(view.update(lease(6, 'me', token))?.permission).toBe('master');
    expect(view.shown()).toEqual({ epoch: 6, masterId: 'me', reason: 'granted' });
  });

  it('E4 holds nothing without the token or for somebody else', () => {
    const view = new LeaseView('truck', 'me');
    view.update(lease(5, 'me'));
    expect(view.held()).toBeUndefined();
    view.update(lease(6, 'other', token));
    expect(view.held()).toBeUndefined();
  });
});
