import { LongreachError } from '@longreach/kit';
import {
  encodeReport,
  type Lease,
  type MessageLabel,
  NetworkErrorCode,
  RefusalCode,
  readCommandSequence,
} from '@longreach/protocol';
import type { PeerState } from '@longreach/webrtc-node';
import { monotonicClock } from '../monotonic-clock.ts';
import { CommandGate, LeaseMirror } from './command-gate.ts';
import { FieldConnection } from './field-connection.ts';
import type { FieldMedia } from './field-media.ts';
import { downlinkStatsOf, uplinkStatsOf } from './leg-stats.ts';
import { RemoteConnection } from './remote-connection.ts';
import { RoomTally } from './room-tally.ts';
import { RoomTracks } from './room-tracks.ts';
import { ViewerRates } from './viewer-rates.ts';
import type {
  FromWorker,
  RoomCounters,
  RoomStats,
  ToWorker,
  WorkerOptions,
} from './worker-channel.ts';

type Offer = Extract<ToWorker, { type: 'offer' }>;
type Subscribe = Extract<ToWorker, { type: 'subscribe' }>;
type Unsubscribe = Extract<ToWorker, { type: 'unsubscribe' }>;
type CloseConnection = Extract<ToWorker, { type: 'closeConnection' }>;

const reportIntervalUs = 1_000_000;
/** A sender hears of refusals at most this often, µs. */
const refusalIntervalUs = 100_000;

type Member = { gate: CommandGate; refusalToldUs: number; passed: number; refused: number };

/** What is on its way on a machine's replaced connection may still arrive, µs. */
const lingerUs = 300_000;

/** One machine's room on this worker: who publishes, who watches, whose commands pass. */
export class MediaRoom {
  readonly roomId: string;
  readonly #options: WorkerOptions;
  readonly #post: (message: FromWorker) => void;
  readonly #lease = new LeaseMirror();
  readonly #tracks: RoomTracks;
  readonly #rates: ViewerRates;
  readonly #fields = new Set<FieldConnection>();
  readonly #remotes = new Map<string, RemoteConnection>();
  readonly #members = new Map<string, Member>();
  /** The connection that commands go to: the newest one that is up. */
  #field: FieldConnection | undefined;
  #reportDueUs = 0;
  readonly #tally = new RoomTally();

  constructor(roomId: string, options: WorkerOptions, post: (message: FromWorker) => void) {
    this.roomId = roomId;
    this.#options = options;
    this.#post = post;
    this.#tracks = new RoomTracks(({ streamId, mediaType }, active, encoding) => {
      const demand = { type: 'demand', roomId, streamId, mediaType, active } as const;
      post(encoding === 'main' ? demand : { ...demand, encoding });
    });
    this.#rates = new ViewerRates(this.#tracks);
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
    this.#tracks.show(slot, request, monotonicClock.nowUs());
  }

  unsubscribe({ peerId, connectionId, mid }: Unsubscribe): undefined {
    const remote = this.#remoteConnection(peerId, connectionId);
    const slot = remote.slots.get(mid);
    if (!slot) return;
    this.#tracks.remove(slot);
    slot.show(undefined, monotonicClock.nowUs());
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
    for (const field of [...this.#fields]) {
      field.connection.tick(nowUs);
      if (field.isOver(nowUs)) this.#closeField(field);
    }
    for (const media of this.#medias()) media.tick(nowUs);
    for (const remote of this.#remotes.values()) remote.tick(nowUs);
    this.#tracks.tick(nowUs);
    const limitBps = this.#rates.tick(this.#remotes.values(), this.#lease.masterId, nowUs);
    if (limitBps !== undefined) this.#field?.media.sendMediaLimit(limitBps);
    if (nowUs < this.#reportDueUs) return;
    this.#reportDueUs = nowUs + reportIntervalUs;
    const wallTimeUs = Date.now() * 1000;
    for (const field of this.#fields) field.report();
    for (const media of this.#medias()) media.closeArrivals();
    for (const remote of this.#remotes.values()) remote.report(nowUs, wallTimeUs);
  }

  stats(): RoomStats {
    return {
      roomId: this.roomId,
      ...this.counters(),
      uplinks: this.#field?.media.sources.map(uplinkStatsOf) ?? [],
      downlinks: [...this.#remotes.values()].map(downlinkStatsOf),
      commands: [...this.#members].map(([peerId, { passed, refused }]) => {
        return { peerId, passed, refused };
      }),
    };
  }

  /** All that was counted since the room opened. */
  counters(): RoomCounters {
    const sources = [...this.#medias()].flatMap((media) => media.sources);
    return this.#tally.counters(sources, this.#remotes.values());
  }

  close(): void {
    this.#closeFields();
    for (const [key, remote] of this.#remotes) this.#closeRemote(key, remote);
  }

  #offerField(message: Offer): { sdp: string } {
    // The machine says by what it sends which connection it uses; one that was replaced says nothing any more.
    const useField = () => {
      if (this.#promoteField(field)) this.#postState(message, 'connected');
    };
    const field: FieldConnection = new FieldConnection({
      ...message,
      present: this.#field?.media,
      worker: this.#options,
      onState: (state) => this.#handleFieldState(field, message, state),
      onMessage: (label, bytes) => {
        useField();
        if (field === this.#field) this.#handleFieldMessage(label, bytes);
      },
      onUsed: () => useField(),
    });
    this.#fields.add(field);
    return { sdp: field.answer };
  }

  #offerRemote(message: Offer): { sdp: string } {
    const key = remoteKey(message.peerId, message.connectionId);
    const replaced = this.#remotes.get(key);
    const remote: RemoteConnection = new RemoteConnection({
      ...message,
      sibling: this.#newestOf(message.peerId),
      worker: this.#options,
      onState: (state) => this.#handleRemoteState(key, remote, message, state, replaced),
      onMessage: (label, bytes) => this.#handleRemoteMessage(remote, label, bytes),
      onSwitched: (slot, source) => this.#tracks.handleSwitched(slot, source.options),
      sendElsewhere: (report) => this.#tellViewer(message.peerId, report),
    });
    const waiting = this.#remotes.get(`${key}#replaced`);
    if (waiting) this.#closeRemote(`${key}#replaced`, waiting);
    if (replaced) this.#remotes.set(`${key}#replaced`, replaced);
    this.#remotes.set(key, remote);
    for (const { mid, streamId, mediaType } of message.slots) {
      const slot = remote.slots.get(mid);
      if (slot?.mediaType !== mediaType) continue;
      this.#tracks.show(slot, { streamId, mediaType }, monotonicClock.nowUs());
    }
    return { sdp: remote.answer };
  }

  /** Over the newest of a viewer's connections that carries messages. */
  #tellViewer(peerId: string, report: Uint8Array): boolean {
    const ways = [...this.#remotes.values()].filter(
      (remote) => remote.peerId === peerId && remote.hasMessages,
    );
    return ways.at(-1)?.connection.send('report', report) ?? false;
  }

  /** The connection that another one of the same viewer is to replace. */
  #newestOf(peerId: string): RemoteConnection | undefined {
    return [...this.#remotes.values()].findLast((remote) => remote.peerId === peerId);
  }

  #handleFieldState(field: FieldConnection, message: Offer, state: PeerState): void {
    // A second one takes over when the machine uses it: its end may come up later than ours.
    if (state === 'connected' && !this.#field) this.#promoteField(field);
    const replaced = this.#field !== undefined && this.#field !== field;
    if (isOver(state) && this.#fields.has(field)) this.#closeField(field);
    if (!replaced) this.#postState(message, state);
  }

  /** False when it is the machine's present connection already, or is gone. */
  #promoteField(field: FieldConnection): boolean {
    if (this.#field === field || field.isRetired || !this.#fields.has(field)) return false;
    const nowUs = monotonicClock.nowUs();
    if (this.#field?.media !== field.media) {
      for (const source of field.media.sources) this.#tracks.publish(source, nowUs);
    }
    this.#field = field;
    field.takeOver();
    for (const older of this.#fields) if (older !== field) older.retire(nowUs + lingerUs);
    this.#routeVoice();
    return true;
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

  #handleFieldMessage(label: MessageLabel, bytes: Uint8Array): void {
    if (label !== 'report' && label !== 'command') return;
    for (const remote of this.#remotes.values()) remote.connection.send(label, bytes);
  }

  #handleRemoteMessage(remote: RemoteConnection, label: MessageLabel, bytes: Uint8Array): void {
    if (label !== 'control' && label !== 'command') return;
    const nowUs = monotonicClock.nowUs();
    const member = this.#member(remote.peerId);
    const refusal = member.gate.check(bytes, label === 'command', nowUs);
    if (refusal === RefusalCode.None) {
      if (!this.#field?.connection.send(label, bytes)) return;
      this.#tally.notePassed();
      member.passed += 1;
      return;
    }
    this.#tally.noteRefused(refusal);
    member.refused += 1;
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
    const never = Number.NEGATIVE_INFINITY;
    const member = { gate, refusalToldUs: never, passed: 0, refused: 0 };
    this.#members.set(peerId, member);
    return member;
  }

  #remoteConnection(peerId: string, connectionId: string): RemoteConnection {
    const remote = this.#remotes.get(remoteKey(peerId, connectionId));
    if (remote) return remote;
    throw new LongreachError(
      NetworkErrorCode.MediaParameterError,
      `there is no connection ${connectionId}`,
    );
  }

  #closeRemote(key: string, remote: RemoteConnection): void {
    if (!this.#remotes.delete(key)) return;
    this.#tally.closeViewer(remote);
    for (const slot of remote.slots.values()) this.#tracks.remove(slot);
    remote.close();
    this.#routeVoice();
  }

  #closeField(field: FieldConnection): void {
    this.#fields.delete(field);
    if (this.#field === field) this.#field = undefined;
    field.close();
    if (!this.#medias().has(field.media)) this.#closeMedia(field.media);
  }

  #closeMedia(media: FieldMedia): void {
    for (const source of media.sources) {
      this.#tally.closeSource(source);
      this.#tracks.unpublish(source);
    }
    media.close();
  }

  /** What connections of the machine carry: one thing, and beside it for a moment what it sent before. */
  #medias(): Set<FieldMedia> {
    return new Set([...this.#fields].map(({ media }) => media));
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
