import { join } from 'node:path';
import { Emitter, LongreachError } from '@longreach/kit';
import {
  CommandKind,
  type Lease,
  NetworkErrorCode,
  type PermissionState,
  readCommandKind,
} from '@longreach/protocol';
import { LocalFrame } from '../local/framing.ts';
import {
  type GuardRequest,
  type GuardStatus,
  guardHelloSchema,
  guardNoticeSchema,
  guardStatusSchema,
} from '../local/messages.ts';
import { decodeVehicleState, type VehicleState } from '../local/vehicle-state.ts';
import { LocalClient, readJson } from './local-client.ts';

/** Events of the guard client. */
export type GuardClientEvents = {
  leaseChanged: Lease;
  statusChanged: GuardStatus;
  vehicleMoved: VehicleState;
  disconnected: Record<string, never>;
};

type PendingAnswer = {
  resolve: (lease: Lease) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
};

const answerTimeoutMs = 1000;
/** Permission requests that may wait for the guard at once. */
const maxPending = 16;

/** The transport's side of `guard.sock`: commands in, lease and status out. It decides nothing. */
export class GuardClient extends Emitter<GuardClientEvents> {
  readonly #client: LocalClient;
  readonly #pending = new Map<number, PendingAnswer>();
  #nextId = 0;
  #lease: Lease | undefined;

  constructor(runtimeDir: string) {
    super();
    this.#client = new LocalClient(join(runtimeDir, 'guard.sock'));
    this.#client.on('connected', () => {
      this.#client.sendJson(guardHelloSchema.parse({ hello: 'transport' }));
    });
    this.#client.on('disconnected', () => this.#handleDisconnect());
    this.#client.on('frameReceived', ({ type, payload }) => this.#handleFrame(type, payload));
  }

  /** The newest lease that the guard told, token included. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** Hands a command frame from the network on at once. A motion command that cannot go now is dropped: it would be stale. */
  sendCommand(frame: Uint8Array): boolean {
    if (readCommandKind(frame) !== CommandKind.drive) {
      return this.#client.send(LocalFrame.command, frame);
    }
    return this.#client.send(LocalFrame.command, frame, 0);
  }

  /** Asks the guard to grant or end a lease; gives the lease as it decided. */
  requestPermission(remoteId: string, permission: PermissionState): Promise<Lease> {
    if (this.#pending.size >= maxPending) return Promise.reject(unavailable());
    this.#nextId = (this.#nextId + 1) & 0x7fffffff;
    const id = this.#nextId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(unavailable());
      }, answerTimeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      const isSent = this.#client.sendJson({ type: 'permission', id, remoteId, permission });
      if (!isSent) this.#settle(id)?.reject(unavailable());
    });
  }

  /** Tells the guard something that has no answer; throws when the guard is not there. */
  tell(request: Exclude<GuardRequest, { type: 'permission' }>): void {
    if (!this.#client.sendJson(request)) throw unavailable();
  }

  /** Idempotent. */
  close(): void {
    this.#client.close();
    this.#rejectPending();
    this.clear();
  }

  #handleFrame(type: number, payload: Buffer): void {
    switch (type) {
      case LocalFrame.vehicleState: {
        const state = decodeVehicleState(payload);
        if (state) this.emit('vehicleMoved', state);
        break;
      }
      case LocalFrame.guardStatus: {
        const status = guardStatusSchema.safeParse(readJson(payload));
        if (status.success) this.emit('statusChanged', status.data);
        break;
      }
      case LocalFrame.json: {
        const notice = guardNoticeSchema.safeParse(readJson(payload));
        if (notice.success) this.#handleLease(notice.data.lease, notice.data.id);
        break;
      }
    }
  }

  #handleLease(lease: Lease, id: number | undefined): void {
    this.#lease = lease;
    this.emit('leaseChanged', lease);
    if (id !== undefined) this.#settle(id)?.resolve(lease);
  }

  #handleDisconnect(): void {
    this.#rejectPending();
    this.emit('disconnected', {});
  }

  #settle(id: number): PendingAnswer | undefined {
    const pending = this.#pending.get(id);
    if (pending) clearTimeout(pending.timer);
    this.#pending.delete(id);
    return pending;
  }

  #rejectPending(): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(unavailable());
  }
}

function unavailable(): LongreachError {
  return new LongreachError(NetworkErrorCode.UnknownError, 'the guard does not answer', {
    retryable: true,
  });
}
