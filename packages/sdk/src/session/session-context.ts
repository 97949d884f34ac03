import type { SDKMode } from '@longreach/protocol';
import type { ClientEvents } from '../api.ts';
import type { MediaConnection } from '../media/media-connection.ts';
import type { TrackConnection } from '../media/track-connection.ts';
import type { PageClock } from '../page/page-clock.ts';
import type { CreatePlayer } from '../player/player.ts';
import type { SessionPlayer } from '../player/session-player.ts';
import type { SignalingLink } from '../signaling/signaling-link.ts';

/** What every part of one machine's session shares. */
export type SessionContext = {
  deviceId: string;
  /** This remote device. */
  selfId: string;
  link: Pick<SignalingLink, 'isUp' | 'request'>;
  clock: PageClock;
  random: () => number;
  statsPeriodMs: number;
  createPlayer: CreatePlayer;
  /** Which player this session uses; changes once at most, from `datagram` to `rtp`. */
  player: SessionPlayer;
  /** `server2`: each track has a connection of its own, and one more carries sound and messages. */
  mode: SDKMode;
  /** Throws what the browser throws. */
  createConnection: (videoSlots: number) => MediaConnection;
  /** A connection for one video track (`server2`). Throws what the browser throws. */
  createTrack: () => TrackConnection;
  isPageVisible: () => boolean;
  emit: <Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]) => void;
};
