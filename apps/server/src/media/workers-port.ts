import type { Unsubscribe } from '@longreach/kit';
import type { DeviceId, Encoding, Lease, MediaType, Slot } from '@longreach/protocol';
import type { ClosedRoom, DatagramOffer, RoomStats, WorkerLoad } from './worker-channel.ts';

/** One peer connection of one peer of a room. */
export type ConnectionKey = { roomId: DeviceId; peerId: DeviceId; connectionId: string };

/** Whether somebody needs one encoding of a track; absent encoding = main. */
export type Demand = {
  streamId: number;
  mediaType: MediaType;
  active: boolean;
  encoding?: Encoding;
};

/** What the workers tell. */
export type MediaWorkersEvents = {
  /** A worker holds this room from now on and knows nothing of it yet. */
  roomAssigned: { roomId: DeviceId };
  /** The worker of these rooms died with all their connections. */
  workerLost: { roomIds: DeviceId[] };
  /** A worker process ended, with whatever it held; another one takes its place. */
  workerEnded: { worker: number };
  /** What a worker counted; once a second. `worker`: its place, which its successor takes over. */
  statsReported: {
    worker: number;
    rooms: RoomStats[];
    closedRooms: ClosedRoom[];
    load: WorkerLoad;
  };
  demandChanged: Demand & { roomId: DeviceId };
  connectionEnded: ConnectionKey & { reason: 'failed' | 'closed' };
};

/** The media side as rooms use it. Requests reject with a LongreachError. */
export type MediaWorkers = {
  on<Name extends keyof MediaWorkersEvents>(
    name: Name,
    listener: (payload: MediaWorkersEvents[Name]) => void,
  ): Unsubscribe;
  /** Opens or replaces a peer connection; gives the answer. */
  offer(
    request: ConnectionKey & {
      role: 'field' | 'remote';
      sdp: string;
      slots: Slot[];
      datagram?: DatagramOffer;
    },
  ): Promise<string>;
  subscribe(request: ConnectionKey & { slot: Slot }): Promise<void>;
  unsubscribe(request: ConnectionKey & { mid: string }): Promise<void>;
  /** Dropped when no worker holds the room: then there is nothing to close or to tell. */
  send(message: RoomMessage): void;
  stats(): RoomStats[];
  /** How the living workers fare, as they last said. */
  loads(): PlacedLoad[];
};

/** How a worker fares, and which rooms live on it. */
export type PlacedLoad = WorkerLoad & { roomIds: DeviceId[] };

/** What is told to a room's worker without an answer. */
export type RoomMessage =
  | ({ type: 'closeConnection' } & ConnectionKey)
  | { type: 'closePeer'; roomId: DeviceId; peerId: DeviceId }
  | { type: 'closeRoom'; roomId: DeviceId }
  | { type: 'lease'; roomId: DeviceId; lease: Lease };
