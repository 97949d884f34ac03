import { join } from 'node:path';
import { Emitter, LongreachError, PendingReplies } from '@longreach/kit';
import {
  CommandKind,
  type Lease,
  NetworkErrorCode,
  type PermissionState,
  readCommandKind,
} from '@longreach/protocol';
import { after } from '../local/after.ts';
import { LocalFrame, readJson } from '../local/framing.ts';
import { LocalClient } from '../local/local-client.ts';
import {
  type GuardRequest,
  type GuardStatus,
  guardHelloSchema,
  guardNoticeSchema,
  guardStatusSchema,
} from '../local/messages.ts';
import { decodeVehicleState, type VehicleState } from '../local/vehicle-state.ts';

/** Events of the guard client. */
export type GuardClientEvents = {
  leaseChanged: Lease;
  statusChanged: GuardStatus;
  vehicleMoved: VehicleState;
  disconnected: Record<string, never>;
};

const answerTimeoutMs = 1000;
/** Permission requests that may wait for the guard at once. */
const maxPending = 16;

/** The transport's side of `guard.sock`: commands in, lease and status out. It decides nothing. */
export class GuardClient extends Emitter<GuardClientEvents> {
  readonly #client: LocalClient;
  readonly #pending = new PendingReplies<Lease>({ max: maxPending, after });
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
    return this.#pending.ask({
      timeoutMs: answerTimeoutMs,
      send: (id) => {
        const isSent = this.#client.sendJson({ type: 'permission', id, remoteId, permission });
        if (!isSent) throw unavailable();
      },
      errorOf: unavailable,
    });
  }

  /** Tells the guard something that has no answer; throws when the guard is not there. */
  tell(request: Exclude<GuardRequest, { type: 'permission' }>): void {
    if (!this.#client.sendJson(request)) throw unavailable();
  }

  /** Idempotent. */
  close(): void {
    this.#client.close();
    this.#pending.rejectAll();
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
    if (id !== undefined) this.#pending.settle(id, lease);
  }

  #handleDisconnect(): void {
    this.#pending.rejectAll();
    this.emit('disconnected', {});
  }
}

function unavailable(): LongreachError {
  return new LongreachError(NetworkErrorCode.UnknownError, 'the guard does not answer', {
    retryable: true,
  });
}
