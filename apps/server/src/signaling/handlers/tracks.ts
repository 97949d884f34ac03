import { LongreachError } from '@longreach/kit';
import { type MediaType, NetworkErrorCode, type StreamInfo } from '@longreach/protocol';
import type { Room, Track } from '../../rooms/room.ts';
import type { Rooms } from '../../rooms/rooms.ts';

/** Throws StreamNotFound or TrackNotFound when a machine has no such track. */
export function assertTracks(streams: readonly StreamInfo[], tracks: readonly Track[]): void {
  for (const { streamId, mediaType } of tracks) {
    const stream = streams.find((candidate) => candidate.streamId === streamId);
    if (stream === undefined) {
      throw new LongreachError(
        NetworkErrorCode.StreamNotFound,
        `the machine has no stream ${streamId}`,
      );
    }
    if (!stream.mediaTypes.includes(mediaType)) throw noTrack(streamId, mediaType);
  }
}

/**
 * Waits until the machine publishes all of these tracks. After a lost media worker both sides offer at
 * once: the viewer's offer must not fail because it came first. Rejects with NoTrackExists after `timeoutMs`.
 */
export function waitForTracks(
  rooms: Rooms,
  room: Room,
  tracks: readonly Track[],
  timeoutMs: number,
): Promise<void> {
  const isPublished = () => tracks.every((track) => room.publishes(track));
  if (isPublished()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      clearTimeout(timer);
      unsubscribe();
      act();
    };
    const unsubscribe = rooms.on('published', ({ roomId }) => {
      if (roomId === room.roomId && isPublished()) finish(resolve);
    });
    const timer = setTimeout(() => finish(() => reject(nothingPublished())), timeoutMs);
  });
}

function noTrack(streamId: number, mediaType: MediaType): LongreachError {
  return new LongreachError(
    NetworkErrorCode.TrackNotFound,
    `stream ${streamId} has no ${mediaType}`,
  );
}

function nothingPublished(): LongreachError {
  return new LongreachError(
    NetworkErrorCode.NoTrackExists,
    'the machine publishes nothing on this track now',
    { retryable: true },
  );
}
