import { expect, test } from 'vitest';
import { bestLink, viewerLinks, type WatchedConnection } from './viewer-links.ts';

function connection(more: Partial<WatchedConnection>): WatchedConnection {
  const usual = { peerId: 'op1', hasMessages: false, neededBps: 1_000_000, streamId: 0 };
  return { ...usual, limitBps: 500_000, ...more };
}

test('connections for one track each share a link: what they take adds up', () => {
  const sound = connection({ hasMessages: true, neededBps: 0, streamId: undefined, limitBps: 9e6 });
  const tracks = [0, 1, 2].map((streamId) => connection({ streamId }));
  expect(viewerLinks([sound, ...tracks], 'op1')).toEqual([
    { peerId: 'op1', isMaster: true, limitBps: 1_500_000 },
  ]);
});

test("one that replaces another of the same stream counts in its stead, and while one's link is unknown nothing limits", () => {
  const replaced = connection({ limitBps: 100_000 });
  expect(viewerLinks([replaced, connection({})], null)[0]?.limitBps).toBe(500_000);
  const unknown = connection({ streamId: 1, limitBps: undefined });
  expect(viewerLinks([connection({}), unknown], null)[0]?.limitBps).toBeUndefined();
});

test('connections that carry everything count each by itself', () => {
  const whole = [100_000, 200_000].map((limitBps) => connection({ hasMessages: true, limitBps }));
  expect(viewerLinks(whole, 'op2')).toEqual([
    { peerId: 'op1', isMaster: false, limitBps: 100_000 },
    { peerId: 'op1', isMaster: false, limitBps: 200_000 },
  ]);
});

test('the best link is the one that takes most, an unknown one before all', () => {
  const links = viewerLinks(
    [
      connection({ peerId: 'a', limitBps: 300_000 }),
      connection({ peerId: 'b', limitBps: 800_000 }),
    ],
    null,
  );
  expect(bestLink(links)?.peerId).toBe('b');
  expect(bestLink([...links, { peerId: 'c', isMaster: false, limitBps: undefined }])?.peerId).toBe(
    'c',
  );
  expect(bestLink([])).toBeUndefined();
});
