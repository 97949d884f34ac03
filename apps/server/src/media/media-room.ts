import { LongreachError } from '@longreach/kit';
import {
  type DataChannelLabel,
  encodeReport,
  type Lease,
  type MediaType,
  NetworkErrorCode,
  RefusalCode,
  readCommandSequence,
} from '@longreach/protocol';
import type { PeerState } from '@longreach/webrtc-node';
import { monotonicClock } from '../monotonic-clock.ts';
import { CommandGate, LeaseMirror } from './command-gate.ts';
import { FieldConnection } from './field-connection.ts';
import { RemoteConnection } from './remote-connection.ts';
import { RoomTrack } from './room-track.ts';
import type { FromWorker, RoomStats, ToWorker, WorkerOptions } from './worker-channel.ts';

type Offer = Extract<ToWorker, { type: 'offer' }>;
type Subscribe = Extract<ToWorker, { type: 'subscribe' }>;
type Unsubscribe = Extract<ToWorker, { type: 'unsubscribe' }>;
type CloseConnection = Extract<ToWorker, { type: 'closeConnection' }>;

const reportIntervalUs = 1_000_000;
/** A sender hears of refusals at most this often, µs. */
const refusalIntervalUs = 100_000;

type TrackKey = { streamId: number; mediaType: MediaType };
type Member = { gate: CommandGate; refusalToldUs: number };

/** One machine's room on this worker: who publishes, who watches, whose commands pass. */
export class MediaRoom {
  readonly roomId: string;
  readonly #options: WorkerOptions;
  readonly #post: (message: FromWorker) => void;
  readonly #lease = new LeaseMirror();
  readonly #tracks = new Map<string, RoomTrack>();
  readonly #fields = new Set<FieldConnection>();
  readonly #remotes = new Map<string, RemoteConnection>();
  readonly #members = new Map<string, Member>();
  /** The connection that commands go to: the newest one that is up. */
  #field: FieldConnection | undefined;
  #reportDueUs = 0;
  #commandsPassed = 0;
  #commandsRefused = 0;
  #closedPackets = { in: 0, out: 0, repeated: 0 };

  constructor(roomId: string, options: WorkerOptions, post: (message: FromWorker) => void) {
    this.roomId = roomId;
    this.#options = options;
    this.#post = post;
  }

  /** Takes the lease as the machine decided it. */
  updateLease(lease: Lease): void {
    this.#lease.update(lease);
    this.#routeVoice();
  }

  /** Answers an offer; a connection of the same id is replaced once the new one is up. */
  offer(message: Offer): { sdp: string } {
    return message.role === 'field' ? this.#offerField(message) : this.#offerRemote(message);
  }

  subscribe({ peerId, connectionId, slot: request }: Subscribe): undefined {
    const remote = this.#remoteConnection(peerId, connectionId);
    const slot = remote.slots.get(request.mid);
    if (!slot || slot.mediaType !== request.mediaType) {
      throw new LongreachError(
        NetworkErrorCode.MediaParameterError,
        `the connection has no ${request.mediaType} slot ${request.mid}`,
      );
    }
    // What it shows now goes on, and is produced on, until the new stream's key frame is there.
    const shown = slot.shownSource?.options;
    this.#removeFromTracks(remote, request.mid, [request, shown ?? request]);
    this.#track(request.streamId, request.mediaType).add(slot, monotonicClock.nowUs());
  }

  unsubscribe({ peerId, connectionId, mid }: Unsubscribe): undefined {
    const remote = this.#remoteConnection(peerId, connectionId);
    this.#removeFromTracks(remote, mid);
    remote.slots.get(mid)?.show(undefined, monotonicClock.nowUs());
  }

  closeConnection({ peerId, connectionId }: CloseConnection): void {
    const key = remoteKey(peerId, connectionId);
    const remote = this.#remotes.get(key);
    if (remote) this.#closeRemote(key, remote);
    else if (peerId === this.roomId) this.#closeFields();
  }

  closePeer(peerId: string): void {
    if (peerId === this.roomId) this.#closeFields();
    for (const [key, remote] of this.#remotes) {
      if (remote.peerId === peerId) this.#closeRemote(key, remote);
    }
    this.#members.delete(peerId);
  }

  /** Does what fell due; called every few milliseconds. */
  tick(nowUs: number): void {
    for (const field of this.#fields) field.tick(nowUs);
    for (const remote of this.#remotes.values()) remote.tick(nowUs);
    if (nowUs < this.#reportDueUs) return;
    this.#reportDueUs = nowUs + reportIntervalUs;
    const wallTimeUs = Date.now() * 1000;
    for (const field of this.#fields) field.report();
    for (const remote of this.#remotes.values()) remote.report(nowUs, wallTimeUs);
  }

  stats(): RoomStats {
    const stats: RoomStats = {
      roomId: this.roomId,
      packetsIn: this.#closedPackets.in,
      packetsOut: this.#closedPackets.out,
      packetsRepeated: this.#closedPackets.repeated,
      commandsPassed: this.#commandsPassed,
      commandsRefused: this.#commandsRefused,
    };
    for (const field of this.#fields) {
      for (const source of field.sources) stats.packetsIn += source.packetsIn;
    }
    for (const remote of this.#remotes.values()) {
      for (const slot of remote.slots.values()) {
        stats.packetsOut += slot.packetsOut;
        stats.packetsRepeated += slot.packetsRepeated;
      }
    }
    return stats;
  }

  close(): void {
    this.#closeFields();
    for (const [key, remote] of this.#remotes) this.#closeRemote(key, remote);
  }

  #offerField(message: Offer): { sdp: string } {
    const field: FieldConnection = new FieldConnection({
      ...message,
      worker: this.#options,
      onState: (state) => this.#handleFieldState(field, message, state),
      onMessage: (label, bytes) => this.#handleFieldMessage(label, bytes),
    });
    this.#fields.add(field);
    return { sdp: field.answer };
  }

  #offerRemote(message: Offer): { sdp: string } {
    const key = remoteKey(message.peerId, message.connectionId);
    const replaced = this.#remotes.get(key);
    const remote: RemoteConnection = new RemoteConnection({
      ...message,
      worker: this.#options,
      onState: (state) => this.#handleRemoteState(key, remote, message, state, replaced),
      onMessage: (label, bytes) => this.#handleRemoteMessage(remote, label, bytes),
      onSwitched: (mid, source) => this.#removeFromTracks(remote, mid, [source.options]),
    });
    const waiting = this.#remotes.get(`${key}#replaced`);
    if (waiting) this.#closeRemote(`${key}#replaced`, waiting);
    if (replaced) this.#remotes.set(`${key}#replaced`, replaced);
    this.#remotes.set(key, remote);
    for (const { mid, streamId, mediaType } of message.slots) {
      const slot = remote.slots.get(mid);
      if (slot) this.#track(streamId, mediaType).add(slot, monotonicClock.nowUs());
    }
    return { sdp: remote.answer };
  }

  #handleFieldState(field: FieldConnection, message: Offer, state: PeerState): void {
    if (state === 'connected') this.#promoteField(field);
    const replaced = this.#field !== undefined && this.#field !== field;
    if (isOver(state) && this.#fields.has(field)) this.#closeField(field);
    if (!replaced) this.#postState(message, state);
  }

  #promoteField(field: FieldConnection): void {
    this.#field = field;
    const nowUs = monotonicClock.nowUs();
    for (const source of field.sources) {
      this.#track(source.options.streamId, source.options.mediaType).publish(source, nowUs);
    }
    for (const older of [...this.#fields]) if (older !== field) this.#closeField(older);
    this.#routeVoice();
  }

  #handleRemoteState(
    key: string,
    remote: RemoteConnection,
    message: Offer,
    state: PeerState,
    replaced: RemoteConnection | undefined,
  ): void {
    if (state === 'connected') {
      if (replaced) this.#closeRemote(`${key}#replaced`, replaced);
      this.#routeVoice();
    }
    const present = this.#remotes.get(key) === remote;
    if (isOver(state) && present) this.#closeRemote(key, remote);
    if (present) this.#postState(message, state);
  }

  #postState(message: Offer, state: PeerState): void {
    if (state === 'new') return;
    const { roomId, peerId, connectionId } = message;
    this.#post({ type: 'connectionState', roomId, peerId, connectionId, state });
  }

  #handleFieldMessage(label: DataChannelLabel, bytes: Buffer): void {
    if (label !== 'report' && label !== 'command') return;
    for (const remote of this.#remotes.values()) remote.connection.send(label, bytes);
  }

  #handleRemoteMessage(remote: RemoteConnection, label: DataChannelLabel, bytes: Buffer): void {
    if (label !== 'control' && label !== 'command') return;
    const nowUs = monotonicClock.nowUs();
    const member = this.#member(remote.peerId);
    const refusal = member.gate.check(bytes, label === 'command', nowUs);
    if (refusal === RefusalCode.None) {
      if (this.#field?.connection.send(label, bytes)) this.#commandsPassed += 1;
      return;
    }
    this.#commandsRefused += 1;
    if (nowUs - member.refusalToldUs < refusalIntervalUs) return;
    member.refusalToldUs = nowUs;
    const sequence = readCommandSequence(bytes);
    remote.connection.send('report', encodeReport({ kind: 'refusal', code: refusal, sequence }));
  }

  /** The machine hears the master's microphone and nobody else's. */
  #routeVoice(): void {
    const voice = this.#field?.voice;
    if (!voice) return;
    const master = [...this.#remotes.values()].find(
      (remote) => remote.peerId === this.#lease.masterId && remote.voice !== undefined,
    );
    voice.show(master?.voice, monotonicClock.nowUs());
  }

  #member(peerId: string): Member {
    const present = this.#members.get(peerId);
    if (present) return present;
    const gate = new CommandGate(this.#lease, peerId, this.#options.limits);
    const member = { gate, refusalToldUs: Number.NEGATIVE_INFINITY };
    this.#members.set(peerId, member);
    return member;
  }

  #track(streamId: number, mediaType: MediaType): RoomTrack {
    const key = `${streamId}:${mediaType}`;
    const present = this.#tracks.get(key);
    if (present) return present;
    const track = new RoomTrack(streamId, mediaType, (active) => {
      this.#post({ type: 'demand', roomId: this.roomId, streamId, mediaType, active });
    });
    this.#tracks.set(key, track);
    const source = this.#field?.sources.find(
      ({ options }) => options.streamId === streamId && options.mediaType === mediaType,
    );
    if (source) track.publish(source, monotonicClock.nowUs());
    return track;
  }

  #remoteConnection(peerId: string, connectionId: string): RemoteConnection {
    const remote = this.#remotes.get(remoteKey(peerId, connectionId));
    if (remote) return remote;
    throw new LongreachError(
      NetworkErrorCode.MediaParameterError,
      `there is no connection ${connectionId}`,
    );
  }

  /** Takes the connection's slots (or the one of `mid`) out of every track but the kept ones. */
  #removeFromTracks(remote: RemoteConnection, mid?: string, kept: TrackKey[] = []): void {
    for (const slot of remote.slots.values()) {
      if (mid !== undefined && slot.mid !== mid) continue;
      for (const track of this.#tracks.values()) {
        const isKept = kept.some(
          (key) => key.streamId === track.streamId && key.mediaType === track.mediaType,
        );
        if (!isKept) track.remove(slot);
      }
    }
  }

  #closeRemote(key: string, remote: RemoteConnection): void {
    if (!this.#remotes.delete(key)) return;
    for (const slot of remote.slots.values()) {
      this.#closedPackets.out += slot.packetsOut;
      this.#closedPackets.repeated += slot.packetsRepeated;
    }
    this.#removeFromTracks(remote);
    remote.close();
    this.#routeVoice();
  }

  #closeField(field: FieldConnection): void {
    this.#fields.delete(field);
    if (this.#field === field) this.#field = undefined;
    for (const source of field.sources) {
      this.#closedPackets.in += source.packetsIn;
      for (const track of this.#tracks.values()) track.unpublish(source);
    }
    field.close();
  }

  #closeFields(): void {
    for (const field of [...this.#fields]) this.#closeField(field);
  }
}

function remoteKey(peerId: string, connectionId: string): string {
  return `${peerId} ${connectionId}`;
}

function isOver(state: PeerState): boolean {
  return state === 'failed' || state === 'closed';
}
