/**
 * The narrow channel between the control process and one media worker: typed messages over the child
 * process's IPC channel. A worker exits when the channel closes. Both ends are ours, so types suffice.
 */
import type { Lease, MediaType, NetworkErrorCode, Slot } from '@longreach/protocol';

/** What a worker is started with, as its first message. */
export type WorkerOptions = {
  /** Address the one UDP port is bound to. */
  bindAddress: string;
  /** UDP port of all its peer connections. */
  port: number;
  /** Addresses (host or host:port) announced to clients instead of the bound one; empty = the bound one. */
  announcedAddresses: string[];
  limits: {
    messagesPerSecond: number;
    bytesPerSecond: number;
    unreliablePayloadBytes: number;
    reliablePayloadBytes: number;
  };
};

/** Control process to worker. A message with `id` gets exactly one `reply`. */
export type ToWorker =
  | { type: 'start'; options: WorkerOptions }
  /** Opens or replaces (make before break) one peer connection. A `field` peer publishes its slots. */
  | {
      type: 'offer';
      id: number;
      roomId: string;
      peerId: string;
      role: 'field' | 'remote';
      connectionId: string;
      sdp: string;
      slots: Slot[];
    }
  | {
      type: 'subscribe';
      id: number;
      roomId: string;
      peerId: string;
      connectionId: string;
      slot: Slot;
    }
  | {
      type: 'unsubscribe';
      id: number;
      roomId: string;
      peerId: string;
      connectionId: string;
      mid: string;
    }
  | { type: 'closeConnection'; roomId: string; peerId: string; connectionId: string }
  | { type: 'closePeer'; roomId: string; peerId: string }
  | { type: 'closeRoom'; roomId: string }
  /** The lease as the machine decided it, with its token; commands of anybody else stop here. */
  | { type: 'lease'; roomId: string; lease: Lease };

/** Worker to control process. */
export type FromWorker =
  | { type: 'ready' }
  | { type: 'reply'; id: number; code: NetworkErrorCode; message: string; sdp?: string }
  /** The first viewer of a track came, or the last one left. */
  | { type: 'demand'; roomId: string; streamId: number; mediaType: MediaType; active: boolean }
  | {
      type: 'connectionState';
      roomId: string;
      peerId: string;
      connectionId: string;
      state: 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
    }
  | { type: 'stats'; rooms: RoomStats[] };

/** Counters of one room since it opened, sent once a second. */
export type RoomStats = {
  roomId: string;
  packetsIn: number;
  packetsOut: number;
  packetsRepeated: number;
  commandsPassed: number;
  commandsRefused: number;
};
