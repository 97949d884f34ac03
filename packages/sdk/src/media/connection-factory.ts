import type { PlayerOptions } from '../api.ts';
import { DatagramThread } from '../datagram/datagram-thread.ts';
import type { PageClock } from '../page/page-clock.ts';
import type { SessionPlayer } from '../player/session-player.ts';
import { MediaConnection } from './media-connection.ts';
import { TrackConnection } from './track-connection.ts';

/** Makes the connections of one session. */
export type ConnectionFactory = {
  createConnection: (videoSlots: number) => MediaConnection;
  createTrack: () => TrackConnection;
};

/** Unique over the pages and lives of this remote device. */
function connectionId(): string {
  return [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('.');
}

/** Both throw what the browser throws when it has no more connections, or none at all. */
export function createConnectionFactory(
  player: SessionPlayer,
  { lowLatency = true }: PlayerOptions,
  clock: PageClock,
): ConnectionFactory {
  const thread = new DatagramThread();
  return {
    createConnection: (videoSlots) => {
      const id = connectionId();
      const connection = new MediaConnection({
        ...{ id, clock, thread, lowLatency },
        player: player.kind,
      });
      connection.ensureVideoSlots(videoSlots);
      return connection;
    },
    createTrack: () => new TrackConnection({ id: connectionId(), lowLatency }),
  };
}
