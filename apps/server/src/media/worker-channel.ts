/**
 * The narrow channel between the control process and one media worker: typed messages over the child
 * process's IPC channel. A worker exits when the channel closes. Both ends are ours, so types suffice.
 */
import type {
  Encoding,
  Lease,
  MediaType,
  NetworkErrorCode,
  RefusalCode,
  RequestBody,
  Slot,
} from '@longreach/protocol';
import type { DelayCounts } from './delay-histogram.ts';

/** The datagram m-line of an offer and the virtual mids inside it. */
export type DatagramOffer = NonNullable<RequestBody<'offer'>['datagram']>;

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
      datagram?: DatagramOffer;
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
  /** The first viewer of a track came, or the last one left; absent encoding = main. */
  | {
      type: 'demand';
      roomId: string;
      streamId: number;
      mediaType: MediaType;
      active: boolean;
      encoding?: Encoding;
    }
  | {
      type: 'connectionState';
      roomId: string;
      peerId: string;
      connectionId: string;
      state: 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
    }
  /** Once a second. A room that was closed since is told of for the last time. */
  | { type: 'stats'; rooms: RoomStats[]; closedRooms: ClosedRoom[]; load: WorkerLoad };

/** One track as it reaches the worker, since its connection opened. */
export type UplinkStats = {
  streamId: number;
  mediaType: MediaType;
  encoding: Encoding;
  /** What its media sends now, bit/s. */
  bitrateBps: number;
  /** Bytes of RTP that arrived. */
  mediaBytes: number;
  parityBytes: number;
  repeatBytes: number;
  /** Packets of media that came by themselves. */
  mediaPackets: number;
  /** Pictures of which something came. */
  pictures: number;
  /** Packets that did not come at first, and what became of them. */
  lost: number;
  recovered: number;
  requested: number;
  givenUp: number;
  /** Packets that came more than once. */
  duplicates: number;
};

/** One viewer's connection, since it opened. */
export type DownlinkStats = {
  peerId: string;
  connectionId: string;
  /** Bytes of RTP by what they were sent for. */
  mediaBytes: number;
  audioBytes: number;
  parityBytes: number;
  repeatBytes: number;
  probeBytes: number;
  /** What its link carries, as far as its feedback tells. */
  estimate?: { targetBps: number; lossShare: number; roundTripMs: number; queueDelayMs: number };
  /** Which encoding its video is. */
  encoding: Encoding;
};

/** Why a command was refused, by the names of RefusalCode. */
export type RefusalName = Exclude<keyof typeof RefusalCode, 'None'>;

/** What one room counted since it opened, over all connections that it ever had: no figure ever falls. */
export type RoomCounters = {
  packetsIn: number;
  packetsOut: number;
  packetsRepeated: number;
  commandsPassed: number;
  commandsRefused: number;
  refusals: Record<RefusalName, number>;
  /** From the machine: packets by what became of them, bytes of RTP by what they came for. */
  uplink: Record<'lost' | 'recovered' | 'requested' | 'givenUp' | 'duplicates', number> &
    Record<'mediaBytes' | 'parityBytes' | 'repeatBytes', number>;
  /** To all viewers: bytes of RTP by what they were sent for. */
  downlink: Record<'media' | 'audio' | 'parity' | 'repeat' | 'probe' | 'message', number>;
};

/** One room, sent once a second. */
export type RoomStats = RoomCounters & {
  roomId: string;
  /** Tracks that are published now. */
  uplinks: UplinkStats[];
  /** Viewers' connections that are open now. */
  downlinks: DownlinkStats[];
  /** Commands of each that is or was here. */
  commands: MemberCommands[];
};

/** One participant's commands since it was first heard. */
export type MemberCommands = { peerId: string; passed: number; refused: number };

/** The last word on a room. */
export type ClosedRoom = RoomCounters & { roomId: string };

/** How a worker process fares. */
export type WorkerLoad = {
  pid: number;
  /** How late its event loop came to what was due, over the last second: 99 of 100 times not later than this. */
  eventLoopDelayP99Ms: number;
  /** CPU time of all its threads over the last second, as a share of one core; may exceed 1. */
  cpuShare: number;
  /** Forward delay over the last second; absent when nothing was forwarded. */
  forwardDelayP99Ms?: number;
  /** CPU time since the process started, µs. */
  cpuUs: number;
  /** Since the process started. */
  eventLoopDelay: DelayCounts;
  forwardDelay: DelayCounts;
};
