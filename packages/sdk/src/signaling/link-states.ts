import type { ClientEvents } from '../api.ts';
import { type LinkSignalingState, linkStates } from '../states/signaling-states.ts';
import { StateTrack } from '../states/state-track.ts';
import { undocumentedStep } from '../states/undocumented-step.ts';

type Emit = <Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]) => void;

/** Tells how the link to the server stands, with an empty room id. */
export class LinkStates {
  readonly #emit: Emit;
  readonly #states = new StateTrack(linkStates);

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  tell(state: LinkSignalingState, data: object): void {
    const from = this.#states.state;
    const step = this.#states.enter(state);
    this.#emit('signalingStateChanged', { state, data, roomId: '' });
    if (step === 'undocumented') this.#emit('errorOccurred', undocumentedStep('link', from, state));
  }
}
