import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ProducedTrack } from './media-client.ts';
import { WatchedTracks } from './watched-tracks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const first = { streamId: 0, mediaType: 'video', encoding: 'main' } as const;
const second = { streamId: 1, mediaType: 'video', encoding: 'main' } as const;
const small = { streamId: 1, mediaType: 'video', encoding: 'small' } as const;

function setUp() {
  const active = new Set<ProducedTrack>([first, second, small]);
  const watched = new WatchedTracks({
    activeTracks: () => [...active],
    stop: (track) => void active.delete(track),
  });
  return { active, watched };
}

test('after a fresh login only what is invited again goes on', () => {
  const { active, watched } = setUp();
  watched.handleInvite(first);
  watched.handleLinkReady(false);
  watched.handleInvite(second);
  vi.advanceTimersByTime(2999);
  expect([...active]).toEqual([first, second, small]);
  vi.advanceTimersByTime(1);
  expect([...active]).toEqual([second]);
});

test('a resumed session goes on as it is; five seconds without a link end everything', () => {
  const { active, watched } = setUp();
  watched.handleLinkLost();
  vi.advanceTimersByTime(4999);
  watched.handleLinkReady(true);
  vi.advanceTimersByTime(60_000);
  expect(active.size).toBe(3);
  watched.handleLinkLost();
  vi.advanceTimersByTime(5000);
  expect(active.size).toBe(0);
});
