import type { PlayerKind, PlayerOptions } from '../api.ts';
import type { PageClock } from '../page/page-clock.ts';

/** Turns a stream of pictures into a track; Chromium's name and place for it. */
type PictureGenerator = MediaStreamTrack & { writable: WritableStream<VideoFrame> };
type PictureGeneratorConstructor = new (init: { kind: 'video' }) => PictureGenerator;

type SoundGenerator = MediaStreamTrack & { writable: WritableStream<AudioData> };
type SoundGeneratorConstructor = new (init: { kind: 'audio' }) => SoundGenerator;

/** What our machines send. */
const decoderConfig = { codec: 'avc1.42e01f', optimizeForLatency: true } as const;

function generatorConstructor(): PictureGeneratorConstructor | undefined {
  const { MediaStreamTrackGenerator: found } = globalThis as {
    MediaStreamTrackGenerator?: PictureGeneratorConstructor;
  };
  return found;
}

/** A track for an element, and the stream that feeds it. Throws where `missingCapability` names one. */
export function createPictureTrack(): PictureGenerator {
  const Generator = generatorConstructor();
  if (!Generator) throw new Error('this browser has no MediaStreamTrackGenerator');
  return new Generator({ kind: 'video' });
}

/** A track whose sound is written by us. Throws where `missingCapability` names one. */
export function createSoundTrack(): SoundGenerator {
  const { MediaStreamTrackGenerator: Generator } = globalThis as {
    MediaStreamTrackGenerator?: SoundGeneratorConstructor;
  };
  if (!Generator) throw new Error('this browser has no MediaStreamTrackGenerator');
  return new Generator({ kind: 'audio' });
}

/** What the datagram player needs and this browser lacks; undefined when it has everything. */
async function missingCapability(): Promise<string | undefined> {
  if (typeof RTCRtpScriptTransform === 'undefined') return 'no RTCRtpScriptTransform';
  if (typeof Worker === 'undefined') return 'no Worker';
  if (!generatorConstructor()) return 'no MediaStreamTrackGenerator';
  if (typeof VideoDecoder === 'undefined') return 'no VideoDecoder';
  const { supported } = await VideoDecoder.isConfigSupported(decoderConfig);
  return supported === true ? undefined : `no decoder for ${decoderConfig.codec}`;
}

/** Which player a client begins with, and why not the datagram player when it could have been. */
export type PlayerChoice = { kind: PlayerKind; reason: string };

/** A browser that does not say in time what it can is taken at less: a login waits for this, ms. */
const answerTimeoutMs = 1500;

/** Chooses by the caller's wish and what the browser can. Never rejects. */
export async function choosePlayer(
  wanted: PlayerOptions['kind'],
  clock: PageClock,
): Promise<PlayerChoice> {
  if (wanted === 'rtp') return { kind: 'rtp', reason: 'as asked for' };
  try {
    const missing = await Promise.race([missingCapability(), noAnswer(clock)]);
    return missing === undefined
      ? { kind: 'datagram', reason: 'this browser can' }
      : { kind: 'rtp', reason: missing };
  } catch (thrown) {
    return { kind: 'rtp', reason: String(thrown) };
  }
}

function noAnswer(clock: PageClock): Promise<string> {
  return new Promise((resolve) => {
    clock.after(answerTimeoutMs, () => resolve('the browser does not say whether it can decode'));
  });
}
