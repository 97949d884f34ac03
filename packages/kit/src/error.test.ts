import { describe, expect, it } from 'vitest';
import { assertInvariant, LongreachError } from './error.ts';

describe('LongreachError', () => {
  it('carries code, details and cause, and is not retryable unless said', () => {
    const cause = new Error('socket closed');
    const error = new LongreachError(2008, 'too many', {
      retryable: true,
      details: { limit: 8 },
      cause,
    });
    expect(error).toMatchObject({
      name: 'LongreachError',
      code: 2008,
      retryable: true,
      details: { limit: 8 },
      cause,
    });
    const bare = new LongreachError(9999, 'unknown');
    expect(bare).toMatchObject({ retryable: false, details: {} });
    expect(Object.hasOwn(bare, 'cause')).toBe(false);
    expect(bare).toBeInstanceOf(Error);
  });
});

describe('assertInvariant', () => {
  it('throws on a broken invariant only', () => {
    expect(() => assertInvariant(1 < 2, 'order')).not.toThrow();
    expect(() => assertInvariant(undefined, 'order')).toThrow('invariant broken: order');
  });
});
