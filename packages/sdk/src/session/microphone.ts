import { invalidParameters } from '../errors.ts';
import { identityOf } from './monitors.ts';
import type { SessionContext } from './session-context.ts';
import type { SessionMedia } from './session-media.ts';

/** The operator's voice to one machine: published until told otherwise or until its source ends. */
export class Microphone {
  readonly #context: SessionContext;
  readonly #media: SessionMedia;
  #ending: AbortController | undefined;

  constructor(context: SessionContext, media: SessionMedia) {
    this.#context = context;
    this.#media = media;
  }

  /** Publishes an audio track in place of an earlier one. */
  async publish(track: MediaStreamTrack): Promise<void> {
    if (track.kind !== 'audio') throw invalidParameters('only an audio track can be published');
    this.#ending?.abort();
    this.#ending = new AbortController();
    await this.#media.setMicrophone(track);
    const { signal } = this.#ending;
    track.addEventListener('ended', () => void this.unpublish('ended'), { signal });
  }

  /** Ends publishing and says why; nothing happens when there is none. */
  async unpublish(reason: string): Promise<void> {
    if (!this.#ending) return;
    this.#ending.abort();
    this.#ending = undefined;
    await this.#media.setMicrophone(null);
    const { trackId, mediaType } = identityOf(this.#context.selfId, 0, 'audio');
    const data = { trackId, mediaType, reason };
    this.#context.emit('event', { type: 'localTrackUnpublished', data });
  }
}
