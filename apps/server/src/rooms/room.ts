import type { DeviceId, Lease, MediaType, NoticeBody, Slot, StreamInfo } from '@longreach/protocol';
import type { Demand, RoomMessage } from '../media/workers-port.ts';
import { ConnectionTable } from './connection-table.ts';
import { GatewayStatsKeeper, type KeptGatewayStats } from './gateway-stats-keeper.ts';
import { LeaseMirror } from './lease-mirror.ts';
import type { MachineState, NoticeOutput, RoomOutput } from './room-output.ts';

/** Remote devices whose leaving the machine has not confirmed, at most; the absent-master rule covers the rest. */
const maxPendingLeft = 64;

/** A track of the room's machine. */
export type Track = { streamId: number; mediaType: MediaType };

/**
 * One room per field device: members, connections, demands and the mirror of the lease. Pure: every
 * method takes what happened and returns what to do. The machine decides about the lease; the room follows.
 */
export class Room {
  readonly roomId: DeviceId;
  readonly #absentMasterUs: number;
  readonly #members = new Set<DeviceId>();
  readonly #connections = new ConnectionTable();
  readonly #lease = new LeaseMirror();
  readonly #demands = new Map<string, Demand>();
  readonly #pendingLeft = new Set<DeviceId>();
  readonly #gatewayStats = new GatewayStatsKeeper();
  #machine: MachineState = { state: 'offline', streams: [] };
  #masterAbsentSinceUs: number | undefined;

  /** `absentMasterUs`: a master that is not in the room for so long is reported to the machine as gone. */
  constructor(roomId: DeviceId, options: { absentMasterUs: number }) {
    this.roomId = roomId;
    this.#absentMasterUs = options.absentMasterUs;
  }

  get machine(): Readonly<MachineState> {
    return this.#machine;
  }

  /** The machine's newest report on itself. */
  get gatewayStats(): KeptGatewayStats | undefined {
    return this.#gatewayStats.newest;
  }

  get memberCount(): number {
    return this.#members.size;
  }

  /** Nobody is here, and nothing has to be remembered. */
  get isIdle(): boolean {
    return (
      this.#members.size === 0 && this.#machine.state === 'offline' && this.#pendingLeft.size === 0
    );
  }

  hasMember(remoteId: DeviceId): boolean {
    return this.#members.has(remoteId);
  }

  hasConnection(peerId: DeviceId, connectionId: string): boolean {
    return this.#connections.has(peerId, connectionId);
  }

  connectionCountOf(peerId: DeviceId): number {
    return this.#connections.countOf(peerId);
  }

  /** Members other than the machine. */
  memberIds(): DeviceId[] {
    return [...this.#members];
  }

  leaseFor(deviceId: DeviceId): Lease {
    return this.#lease.viewFor(deviceId);
  }

  isMaster(deviceId: DeviceId): boolean {
    return this.#lease.lease.masterId === deviceId;
  }

  /** Whether the machine sends this track over one of its connections. */
  publishes(track: Track): boolean {
    return this.#connections.carries(this.roomId, track.streamId, track.mediaType);
  }

  /** The machine's software logged in anew: nothing of its former run is left. */
  handleMachineLogin(streams: StreamInfo[]): RoomOutput[] {
    this.#connections.closePeer(this.roomId);
    this.#lease.handleFreshMachine();
    const active = [...this.#demands.values()].filter((demand) => demand.active);
    return [
      this.#toWorker({ type: 'closePeer', roomId: this.roomId, peerId: this.roomId }),
      ...this.#enterMachine({ state: 'online', streams }),
      ...this.#briefMachine(active),
    ];
  }

  /** The machine's link was replaced by a new one: what was asked meanwhile is asked again. */
  handleMachineResume(): RoomOutput[] {
    return [
      ...this.#enterMachine({ ...this.#machine, state: 'online' }),
      ...this.#briefMachine([...this.#demands.values()]),
    ];
  }

  /** The machine is silent, or spoke again. */
  handleMachinePresence(state: 'online' | 'suspect'): RoomOutput[] {
    if (this.#machine.state === 'offline') return [];
    return this.#enterMachine({ ...this.#machine, state });
  }

  /** The machine has left for good. */
  handleMachineLeft(): RoomOutput[] {
    this.#connections.closePeer(this.roomId);
    this.#gatewayStats.forget();
    return [
      this.#toWorker({ type: 'closePeer', roomId: this.roomId, peerId: this.roomId }),
      ...this.#enterMachine({ ...this.#machine, state: 'offline' }),
    ];
  }

  /** A remote device comes in. */
  handleJoin(remoteId: DeviceId): RoomOutput[] {
    if (this.#members.has(remoteId)) return [];
    this.#members.add(remoteId);
    return [...this.#audience(), { type: 'gatewayChanged' }];
  }

  /** A remote device is gone for good: its connections close and its lease ends. */
  handleLeave(remoteId: DeviceId): RoomOutput[] {
    if (!this.#members.delete(remoteId)) return [];
    this.#connections.closePeer(remoteId);
    return [
      this.#toWorker({ type: 'closePeer', roomId: this.roomId, peerId: remoteId }),
      ...this.#tellLeft(remoteId),
      ...this.#audience(),
      { type: 'gatewayChanged' },
    ];
  }

  /** The machine has confirmed that it knows of a leaving. */
  handleLeftConfirmed(remoteId: DeviceId): void {
    this.#pendingLeft.delete(remoteId);
  }

  /** A connection was opened or replaced. */
  handleConnectionOpened(peerId: DeviceId, connectionId: string, slots: Slot[]): RoomOutput[] {
    // The worker keeps a machine's newest connection only, so its older ones are no concern any more.
    if (peerId === this.roomId) this.#connections.closePeer(peerId);
    this.#connections.open(peerId, connectionId, slots);
    return peerId === this.roomId ? [{ type: 'published' }] : [];
  }

  /** A peer closes its connection on purpose. */
  handleConnectionClosed(peerId: DeviceId, connectionId: string): RoomOutput[] {
    if (!this.#connections.close(peerId, connectionId)) return [];
    return [this.#toWorker({ type: 'closeConnection', roomId: this.roomId, peerId, connectionId })];
  }

  /**
   * A connection ended. A failed one's peer is told to offer again. A closed one was closed by its peer, or
   * replaced: the peer knows, and a machine's may bear the id of the one that replaced it.
   */
  handleConnectionEnded(
    peerId: DeviceId,
    connectionId: string,
    how: 'failed' | 'closed',
  ): RoomOutput[] {
    if (how === 'closed' && peerId === this.roomId) return [];
    if (!this.#connections.close(peerId, connectionId)) return [];
    return how === 'failed'
      ? [this.#connectionLost(peerId, connectionId, 'the connection failed')]
      : [];
  }

  /** The media worker died: every connection is lost, and nothing is watched until new offers come. */
  handleWorkerLost(): RoomOutput[] {
    const lost = this.#connections
      .closeAll()
      .map(({ peerId, connectionId }) =>
        this.#connectionLost(peerId, connectionId, 'the media worker was lost'),
      );
    const stops = [...this.#demands.values()].flatMap((demand) =>
      demand.active ? this.handleDemand({ ...demand, active: false }) : [],
    );
    return [...lost, ...stops];
  }

  /** Somebody watches a track, or nobody any more. */
  handleDemand(demand: Demand): RoomOutput[] {
    const { streamId, mediaType, encoding = 'main' } = demand;
    this.#demands.set(`${streamId}:${mediaType}:${encoding}`, demand);
    if (this.#machine.state === 'offline') return [];
    return [{ type: 'ask', verb: 'invite', body: demand }];
  }

  /** The machine's word on what the network leaves for one of its streams. */
  handleStreamRate(body: NoticeBody<'streamRate'>): RoomOutput[] {
    return [...this.#members].map(
      (to): NoticeOutput => ({ type: 'notify', to, event: 'streamRate', body }),
    );
  }

  /** The machine's report on itself; one that comes too soon is dropped. */
  handleGatewayStats(body: NoticeBody<'gatewayStats'>, nowUs: number): RoomOutput[] {
    if (!this.#gatewayStats.take(body.stats, nowUs)) return [];
    return [...this.#members].map(
      (to): NoticeOutput => ({ type: 'notify', to, event: 'gatewayStats', body }),
    );
  }

  /** A worker holds this room from now on and does not know the lease. */
  handleWorkerAssigned(): RoomOutput[] {
    return [this.#toWorker({ type: 'lease', roomId: this.roomId, lease: this.#lease.lease })];
  }

  /** The machine's word about its lease. The worker hears it before anybody who might use it. */
  handleLease(lease: Lease): RoomOutput[] {
    if (!this.#lease.handleReport(lease)) return [];
    // Granted to somebody who is here: an unconfirmed leaving from before must not end it later.
    if (lease.masterId !== null && this.#members.has(lease.masterId)) {
      this.#pendingLeft.delete(lease.masterId);
    }
    return [
      this.#toWorker({ type: 'lease', roomId: this.roomId, lease: this.#lease.lease }),
      ...[...this.#members].map((to): NoticeOutput => this.#leaseChanged(to)),
    ];
  }

  /** What a member that was away for a moment has to know. */
  handleMemberResumed(remoteId: DeviceId): RoomOutput[] {
    if (!this.#members.has(remoteId)) return [];
    return [this.#machinePresence(remoteId), this.#leaseChanged(remoteId)];
  }

  /** Time has passed: a master that is not here (the server was restarted) does not keep its lease for ever. */
  handleTick(nowUs: number): RoomOutput[] {
    const { masterId } = this.#lease.lease;
    const isAbsent = masterId !== null && !this.#members.has(masterId);
    if (!isAbsent || this.#machine.state === 'offline') {
      this.#masterAbsentSinceUs = undefined;
      return [];
    }
    this.#masterAbsentSinceUs ??= nowUs;
    if (nowUs - this.#masterAbsentSinceUs < this.#absentMasterUs) return [];
    this.#masterAbsentSinceUs = nowUs;
    return this.#tellLeft(masterId);
  }

  #enterMachine(machine: MachineState): RoomOutput[] {
    const hasChanged =
      machine.state !== this.#machine.state || machine.streams !== this.#machine.streams;
    const isListed = (machine.state === 'offline') !== (this.#machine.state === 'offline');
    const isNew = isListed || machine.streams !== this.#machine.streams;
    this.#machine = machine;
    if (!hasChanged) return [];
    return [
      ...[...this.#members].map((to): NoticeOutput => this.#machinePresence(to)),
      ...(isNew ? [{ type: 'gatewayChanged' } as const] : []),
    ];
  }

  /** What a machine has to know when its link is new. */
  #briefMachine(demands: Demand[]): RoomOutput[] {
    return [
      ...[...this.#pendingLeft].map((remoteId): RoomOutput => leftRequest(remoteId)),
      ...this.#audience(),
      ...demands.map((body): RoomOutput => ({ type: 'ask', verb: 'invite', body })),
    ];
  }

  #tellLeft(remoteId: DeviceId): RoomOutput[] {
    this.#pendingLeft.add(remoteId);
    if (this.#pendingLeft.size > maxPendingLeft) {
      const [oldest] = this.#pendingLeft;
      if (oldest !== undefined) this.#pendingLeft.delete(oldest);
    }
    return this.#machine.state === 'offline' ? [] : [leftRequest(remoteId)];
  }

  #audience(): RoomOutput[] {
    if (this.#machine.state === 'offline') return [];
    const body = { remotes: this.#members.size };
    return [{ type: 'notify', to: this.roomId, event: 'audience', body }];
  }

  #machinePresence(to: DeviceId): NoticeOutput {
    const { state, streams } = this.#machine;
    const body = { deviceId: this.roomId, state, streams };
    return { type: 'notify', to, event: 'machinePresence', body };
  }

  #leaseChanged(to: DeviceId): NoticeOutput {
    const body = { deviceId: this.roomId, lease: this.#lease.viewFor(to) };
    return { type: 'notify', to, event: 'leaseChanged', body };
  }

  #connectionLost(to: DeviceId, connectionId: string, reason: string): NoticeOutput {
    const body = { deviceId: this.roomId, connectionId, reason };
    return { type: 'notify', to, event: 'connectionLost', body };
  }

  #toWorker(message: RoomMessage): RoomOutput {
    return { type: 'worker', message };
  }
}

function leftRequest(remoteId: DeviceId): RoomOutput {
  return { type: 'ask', verb: 'remoteLeft', body: { remoteId } };
}
