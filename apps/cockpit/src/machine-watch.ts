import type { Unsubscribe } from '@longreach/kit';
import type { PermissionState, RefusalCode, StateReport } from '@longreach/protocol';
import type { ClientEvents, LongreachClientApi, StreamFigures } from '@longreach/sdk';
import type { ConnectionView } from './text/connection-notice.ts';
import type { PictureReport } from './text/picture-notice.ts';

/** A value and when it came, ms (performance clock). */
export type Dated<Value> = { value: Value; atMs: number };

/** Everything the driving view knows of one machine. */
export type MachineView = ConnectionView & {
  permission: PermissionState;
  masterId: string | null;
  leaseReason: string;
  report: Dated<StateReport> | undefined;
  refusal: Dated<{ code: RefusalCode; by: 'worker' | 'machine' | 'client' }> | undefined;
  /** By streamId. */
  figures: Map<number, Dated<StreamFigures>>;
  /** ms, by streamId. */
  rtt: Map<number, Dated<number>>;
  /** By streamId. */
  pictures: Map<number, PictureReport>;
  /** The browser wants a gesture before it plays sound. */
  soundBlocked: boolean;
};

/** A state report older than this says nothing about now, ms. */
export const reportFreshMs = 1000;
/** Figures come each second, statistics every two; older ones are not shown, ms. */
export const figuresFreshMs = 5000;

/** The value unless it is older than `freshMs` at `nowMs`. */
export function freshValue<Value>(
  dated: Dated<Value> | undefined,
  freshMs: number,
  nowMs: number,
): Value | undefined {
  return dated !== undefined && nowMs - dated.atMs <= freshMs ? dated.value : undefined;
}

/** Gathers a client's events about one machine. `onChange(true)`: an operator must see it at once. */
export class MachineWatch {
  readonly view: MachineView;
  readonly #deviceId: string;
  readonly #nowMs: () => number;
  readonly #onChange: (isUrgent: boolean) => void;
  readonly #subscriptions: Unsubscribe[] = [];

  constructor(
    client: LongreachClientApi,
    deviceId: string,
    options: { nowMs: () => number; onChange: (isUrgent: boolean) => void },
  ) {
    this.#deviceId = deviceId;
    this.#nowMs = options.nowMs;
    this.#onChange = options.onChange;
    this.view = emptyView();
    this.#watchConnection(client);
    this.#watchControl(client);
    this.#watchPictures(client);
    this.readLease(client);
  }

  /** Takes over what the client knows already of the lease. */
  readLease(client: LongreachClientApi): void {
    const lease = client.leaseOf(this.#deviceId);
    if (!lease) return;
    this.view.masterId = lease.masterId;
    this.view.leaseReason = lease.reason;
  }

  /** Ends every subscription. */
  close(): void {
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
  }

  #watchConnection(client: LongreachClientApi): void {
    this.#subscriptions.push(
      client.on('signalingStateChanged', ({ state, roomId }) => {
        // With a room: how its scheduling goes, which says nothing about the link.
        if (roomId !== '') return;
        this.view.signaling = state;
        this.#onChange(true);
      }),
    );
    this.#onOwn(client, 'peerConnectionStateChanged', ({ state }) => {
      this.view.peer = state;
    });
    this.#onOwn(client, 'connected', () => {
      this.view.ended = undefined;
      this.view.peer = 'connected';
    });
    this.#onOwn(client, 'disconnected', ({ reason }) => {
      this.view.ended = reason;
      this.view.permission = 'guest';
    });
    this.#onOwn(client, 'machinePresenceChanged', ({ state }) => {
      this.view.presence = state;
    });
  }

  #watchControl(client: LongreachClientApi): void {
    this.#onOwn(client, 'permissionChanged', ({ permission, masterId, reason }) => {
      Object.assign(this.view, { permission, masterId, leaseReason: reason });
    });
    this.#onOwn(client, 'commandRefused', ({ code, by }) => {
      this.view.refusal = { value: { code, by }, atMs: this.#nowMs() };
      return false;
    });
    this.#onOwn(client, 'stateReported', ({ report }) => {
      const isNewMode = this.view.report?.value.guardMode !== report.guardMode;
      this.view.report = { value: report, atMs: this.#nowMs() };
      return isNewMode;
    });
  }

  #watchPictures(client: LongreachClientApi): void {
    this.#onOwn(client, 'pictureStateChanged', ({ streamId, state, ageMs }) => {
      this.view.pictures.set(streamId, { state, ageMs, atMs: this.#nowMs() });
    });
    this.#onOwn(client, 'figuresUpdated', (figures) => {
      this.view.figures.set(figures.streamId, { value: figures, atMs: this.#nowMs() });
      return false;
    });
    this.#subscriptions.push(client.on('event', (event) => this.#handleEvent(event)));
  }

  #handleEvent(event: ClientEvents['event']): void {
    if (event.type === 'autoplay' && event.data.mediaType === 'audio') {
      this.view.soundBlocked = event.data.code !== 0;
      this.#onChange(true);
    } else if (event.type === 'webrtcStats') {
      for (const stats of event.data) {
        if (stats.mediaType !== 'video' || stats.srcUserId !== this.#deviceId) continue;
        if (stats.rtt === undefined) continue;
        this.view.rtt.set(stats.streamId, { value: stats.rtt, atMs: this.#nowMs() });
      }
    }
  }

  /** Subscribes to events of this machine; a handler that gives false says that it is not urgent. */
  #onOwn<Name extends OwnEventName>(
    client: LongreachClientApi,
    name: Name,
    handle: (payload: ClientEvents[Name]) => unknown,
  ): void {
    this.#subscriptions.push(
      client.on(name, (payload) => {
        if (payload.deviceId === this.#deviceId) this.#onChange(handle(payload) !== false);
      }),
    );
  }
}

type OwnEventName = {
  [Name in keyof ClientEvents]: ClientEvents[Name] extends { deviceId: string } ? Name : never;
}[keyof ClientEvents];

function emptyView(): MachineView {
  return {
    signaling: 'connected',
    peer: 'connecting',
    presence: 'online',
    ended: undefined,
    permission: 'guest',
    masterId: null,
    leaseReason: '',
    report: undefined,
    refusal: undefined,
    figures: new Map(),
    rtt: new Map(),
    pictures: new Map(),
    soundBlocked: false,
  };
}
