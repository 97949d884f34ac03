import type { PlayerKind, PlayerOptions } from '../api.ts';
import type { PageClock } from '../page/page-clock.ts';

/** A track that shows or plays what is written by us; Chromium's name and place for it. */
type GeneratedTrack<Written> = MediaStreamTrack & { writable: WritableStream<Written> };
type Generator = new (init: { kind: 'audio' | 'video' }) => GeneratedTrack<never>;

/** What our machines send. */
const decoderConfig = { codec: 'avc1.42e01f', optimizeForLatency: true } as const;

function findGenerator(): Generator | undefined {
  const { MediaStreamTrackGenerator: found } = globalThis as {
    MediaStreamTrackGenerator?: Generator;
  };
  return found;
}

function createTrack<Written>(kind: 'audio' | 'video'): GeneratedTrack<Written> {
  const Found = findGenerator();
  if (!Found) throw new Error('this browser has no MediaStreamTrackGenerator');
  return new Found({ kind });
}

/** A track for an element, and the stream that feeds it. Throws where `missingCapability` names one. */
export function createPictureTrack(): GeneratedTrack<VideoFrame> {
  return createTrack('video');
}

/** A track whose sound is written by us. Throws where `missingCapability` names one. */
export function createSoundTrack(): GeneratedTrack<AudioData> {
  return createTrack('audio');
}

/** What the datagram player needs and this browser lacks; undefined when it has everything. */
async function missingCapability(): Promise<string | undefined> {
  if (typeof RTCRtpScriptTransform === 'undefined') return 'no RTCRtpScriptTransform';
  if (typeof Worker === 'undefined') return 'no Worker';
  if (!findGenerator()) return 'no MediaStreamTrackGenerator';
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
