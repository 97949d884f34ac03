import { join } from 'node:path';
import { Emitter } from '@longreach/kit';
import type { Encoding, MediaType } from '@longreach/protocol';
import {
  decodeEncodedFrame,
  type EncodedFrame,
  encodeEncodedFrame,
} from '../local/encoded-frame.ts';
import { LocalFrame, readJson } from '../local/framing.ts';
import { LocalClient } from '../local/local-client.ts';
import { type InputNotice, type MediaRequest, mediaNoticeSchema } from '../local/messages.ts';
import type { MediaStats } from '../statistics/media-stats.ts';

/** Events of the media client. A frame's `data` is a view that is good until the listener returns. */
export type MediaClientEvents = {
  frameEncoded: EncodedFrame;
  inputChanged: InputNotice;
  statsTaken: MediaStats;
};

/** One track of one stream that is or shall be produced. */
export type ProducedTrack = { streamId: number; mediaType: MediaType; encoding: Encoding };

type EncodeParameters = Omit<Extract<MediaRequest, { type: 'encodeParameters' }>, 'type'>;

/**
 * The transport's side of `media.sock`: encoded frames in, orders out. What somebody watches and how it is
 * encoded is kept here and said again to a media process that was started anew.
 */
export class MediaClient extends Emitter<MediaClientEvents> {
  readonly #client: LocalClient;
  readonly #active = new Map<string, ProducedTrack>();
  readonly #parameters = new Map<string, EncodeParameters>();

  constructor(runtimeDir: string) {
    super();
    this.#client = new LocalClient(join(runtimeDir, 'media.sock'));
    this.#client.on('connected', () => this.#repeatOrders());
    this.#client.on('frameReceived', ({ type, payload }) => this.#handleFrame(type, payload));
  }

  /** Streams and media that are ordered now. */
  activeTracks(): ProducedTrack[] {
    return [...this.#active.values()];
  }

  /** Whether this track is ordered now. */
  produces(track: ProducedTrack): boolean {
    return this.#active.has(keyOf(track));
  }

  /** Starts or stops the production of one track. */
  produce(track: ProducedTrack, active: boolean): void {
    const key = keyOf(track);
    if (active) this.#active.set(key, track);
    else this.#active.delete(key);
    this.#order({ type: 'produce', ...track, active });
  }

  /** Asks for a key frame as the next picture of this encoding. */
  requestKeyFrame(streamId: number, encoding: Encoding): void {
    this.#order({ type: 'keyFrame', streamId, encoding });
  }

  /** Changes how an encoding is made; what is absent stays. */
  setEncodeParameters(parameters: EncodeParameters): void {
    const key = `${parameters.streamId}:${parameters.encoding}`;
    this.#parameters.set(key, { ...this.#parameters.get(key), ...parameters });
    this.#order({ type: 'encodeParameters', ...parameters });
  }

  /** Asks what it did since the last call; false when nobody is there to answer with `statsTaken`. */
  askStats(): boolean {
    return this.#client.sendJson({ type: 'takeStats' } satisfies MediaRequest);
  }

  /** Hands one Opus packet of the operator's voice to the loudspeaker's side. */
  sendVoice(frame: EncodedFrame): void {
    this.#client.send(LocalFrame.encodedFrame, encodeEncodedFrame(frame));
  }

  /** Idempotent. */
  close(): void {
    this.#client.close();
    this.clear();
  }

  #order(request: MediaRequest): void {
    this.#client.sendJson(request);
  }

  #repeatOrders(): void {
    for (const parameters of this.#parameters.values()) {
      this.#order({ type: 'encodeParameters', ...parameters });
    }
    for (const track of this.#active.values()) {
      this.#order({ type: 'produce', ...track, active: true });
    }
  }

  #handleFrame(type: number, payload: Buffer): void {
    if (type === LocalFrame.encodedFrame) {
      this.emit('frameEncoded', decodeEncodedFrame(payload));
    } else if (type === LocalFrame.json) {
      const notice = mediaNoticeSchema.safeParse(readJson(payload));
      if (!notice.success) return;
      if (notice.data.type === 'mediaStats') this.emit('statsTaken', notice.data);
      else this.emit('inputChanged', notice.data);
    }
  }
}

function keyOf({ streamId, mediaType, encoding }: ProducedTrack): string {
  return `${streamId}:${mediaType}:${encoding}`;
}
