import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MasterLease } from './lease.ts';

const tokenA = 'aaaaaaaaaaaaaaaa';
const tokenB = 'bbbbbbbbbbbbbbbb';

describe('master lease', () => {
  it('L1 starts free at the epoch after the persisted one', () => {
    const lease = new MasterLease({ persistedEpoch: 7 });
    expect(lease.state).toEqual({ epoch: 8, masterId: null, token: null, reason: 'restarted' });
  });

  it('L2 L7 grants a free lease under a new epoch', () => {
    const lease = new MasterLease({ persistedEpoch: 0 });
    expect(lease.handleRequest('a', tokenA)).toEqual({
      lease: { epoch: 2, masterId: 'a', token: tokenA, reason: 'granted' },
      changed: true,
    });
  });

  it('L3 never takes a held lease silently', () => {
    const lease = new MasterLease({ persistedEpoch: 0 });
    lease.handleRequest('a', tokenA);
    const answer = lease.handleRequest('b', tokenB);
    expect(answer).toMatchObject({ changed: false, refusal: 'held', lease: { masterId: 'a' } });
    expect(lease.state).toMatchObject({ epoch: 2, token: tokenA });
  });

  it('L4 repeats the lease to its master', () => {
    const lease = new MasterLease({ persistedEpoch: 0 });
    const first = lease.handleRequest('a', tokenA);
    expect(lease.handleRequest('a', tokenB)).toEqual({ lease: first.lease, changed: false });
  });

  it('L5 L7 ends with the release of its master only', () => {
    const lease = new MasterLease({ persistedEpoch: 0 });
    lease.handleRequest('a', tokenA);
    expect(lease.handleRelease('b').changed).toBe(false);
    expect(lease.handleRelease('a').lease).toEqual({
      epoch: 3,
      masterId: null,
      token: null,
      reason: 'released',
    });
    expect(lease.handleRelease('a').changed).toBe(false);
  });

  it('L6 ends when its master left', () => {
    const lease = new MasterLease({ persistedEpoch: 0 });
    lease.handleRequest('a', tokenA);
    expect(lease.handleRemoteLeft('b').changed).toBe(false);
    expect(lease.handleRemoteLeft('a').lease).toMatchObject({ epoch: 3, reason: 'left' });
  });

  it('L8 gives a held lease away only when that is set', () => {
    const lease = new MasterLease({ persistedEpoch: 0, lastRequesterWins: true });
    lease.handleRequest('a', tokenA);
    expect(lease.handleRequest('b', tokenB).lease).toMatchObject({ epoch: 3, masterId: 'b' });
  });

  it('L9 gives no lease whose end could not be told', () => {
    const lease = new MasterLease({ persistedEpoch: 0xffffffff - 2 });
    expect(() => lease.handleRequest('a', tokenA)).toThrow('epoch');
    expect(lease.state.masterId).toBeNull();
    expect(() => new MasterLease({ persistedEpoch: 0xffffffff })).toThrow('epoch');
  });

  it('L10 takes the lease back', () => {
    const lease = new MasterLease({ persistedEpoch: 0 });
    expect(lease.handleRevoke().changed).toBe(false);
    lease.handleRequest('a', tokenA);
    expect(lease.handleRevoke().lease).toMatchObject({ masterId: null, reason: 'revoked' });
  });

  it('L7 the epoch grows by one with each change and never otherwise', () => {
    const act = fc.tuple(fc.constantFrom('request', 'release', 'left'), fc.constantFrom('a', 'b'));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.boolean(), (acts, lastRequesterWins) => {
        const lease = new MasterLease({ persistedEpoch: 5, lastRequesterWins });
        for (const [verb, id] of acts) {
          const before = lease.state;
          const { changed } =
            verb === 'request'
              ? lease.handleRequest(id, tokenA)
              : verb === 'release'
                ? lease.handleRelease(id)
                : lease.handleRemoteLeft(id);
          expect(lease.state.epoch).toBe(before.epoch + (changed ? 1 : 0));
          if (!changed) expect(lease.state).toBe(before);
          expect(lease.state.token === null).toBe(lease.state.masterId === null);
        }
      }),
    );
  });
});
