import type { RoomState, SignalingState } from '@longreach/protocol';
import { roomStates } from '../states/room-states.ts';
import { type RoomSignalingState, roomSignalingStates } from '../states/signaling-states.ts';
import { StateTrack } from '../states/state-track.ts';
import { undocumentedStep } from '../states/undocumented-step.ts';
import type { SessionContext } from './session-context.ts';

/** Tells how signaling of one machine's room stands, and whether we are in it. */
export class SessionStates {
  readonly #context: Pick<SessionContext, 'deviceId' | 'emit'>;
  readonly #signaling = new StateTrack(roomSignalingStates);
  readonly #room = new StateTrack(roomStates);

  constructor(context: Pick<SessionContext, 'deviceId' | 'emit'>) {
    this.#context = context;
  }

  /** Signaling of this room. */
  tellSignaling(state: RoomSignalingState, data: object = {}): void {
    const { deviceId, emit } = this.#context;
    const from = this.#signaling.state;
    const step = this.#signaling.enter(state);
    if (step === 'same') return;
    emit('signalingStateChanged', { state, roomId: deviceId, data });
    if (step === 'undocumented') emit('errorOccurred', undocumentedStep('signaling', from, state));
  }

  /** Membership of the room. */
  tellRoom(state: RoomState): void {
    const { deviceId, emit } = this.#context;
    const from = this.#room.state;
    const step = this.#room.enter(state);
    if (step === 'same') return;
    emit('roomStateChanged', { deviceId, state });
    if (step === 'undocumented') emit('errorOccurred', undocumentedStep('room', from, state));
  }

  /** The link below changed; that it is made anew says nothing yet of the room. `wasSuspect`: it was only silent. */
  handleLink(state: SignalingState, wasSuspect: boolean): void {
    const present = this.#signaling.state;
    if (present === undefined || present === 'new' || present === 'closed') return;
    if (state === 'disconnected' || (state === 'reconnecting' && present === 'disconnected')) {
      this.tellSignaling(state);
    } else if (state === 'connected' && wasSuspect && present === 'disconnected') {
      this.tellSignaling('connected');
    }
  }
}
