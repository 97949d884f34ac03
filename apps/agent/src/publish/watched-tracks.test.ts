import type { MediaType } from '@longreach/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WatchedTracks } from './watched-tracks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const active = new Set(['0:video', '1:video']);
  const watched = new WatchedTracks({
    activeTracks: () =>
      [...active].map((key) => {
        const [streamId, mediaType] = key.split(':');
        return { streamId: Number(streamId), mediaType: mediaType as MediaType };
      }),
    produce: (streamId, mediaType) => void active.delete(`${streamId}:${mediaType}`),
  });
  return { active, watched };
}

test('after a fresh login only what is invited again goes on', () => {
  const { active, watched } = setUp();
  watched.handleInvite(0, 'video');
  watched.handleLinkReady(false);
  watched.handleInvite(1, 'video');
  vi.advanceTimersByTime(2999);
  expect([...active]).toEqual(['0:video', '1:video']);
  vi.advanceTimersByTime(1);
  expect([...active]).toEqual(['1:video']);
});

test('a resumed session goes on as it is; five seconds without a link end everything', () => {
  const { active, watched } = setUp();
  watched.handleLinkLost();
  vi.advanceTimersByTime(4999);
  watched.handleLinkReady(true);
  vi.advanceTimersByTime(60_000);
  expect(active.size).toBe(2);
  watched.handleLinkLost();
  vi.advanceTimersByTime(5000);
  expect(active.size).toBe(0);
});
