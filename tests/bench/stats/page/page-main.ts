import { LongreachClient } from '@longreach/sdk';
import { heldPeriodMs, holdStatistics } from './held-statistics.ts';
import type { FiguresSample, PageResult, StatsSample } from './page-result.ts';

declare global {
  interface Window {
    /** Gives what was heard since the last call, and forgets it. */
    takeStatsResult(): PageResult;
    /** Pictures of each video so far. */
    pictureCounts(): number[];
  }
}

const maxSamples = 10_000;
const options = new URLSearchParams(location.hash.slice(1));
const machines = (options.get('machines') ?? '').split(',');
const streams = Array.from({ length: Number(options.get('streams')) }, (_, id) => id);
const videos: HTMLVideoElement[] = [];
const heard = emptyResult();

function emptyResult(): PageResult {
  return { stats: [], figures: [], observerMs: 0, frames: 0, getStatsCalls: 0, errors: [] };
}

/** Times the SDK's own callbacks: what a frame costs the page because it is watched. */
function timeFrameCallbacks(): void {
  const { requestVideoFrameCallback } = HTMLVideoElement.prototype;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
    return requestVideoFrameCallback.call(this, (...given) => {
      const startedMs = performance.now();
      callback(...given);
      heard.observerMs += performance.now() - startedMs;
      heard.frames += 1;
    });
  };
}

function countGetStats(): void {
  const { getStats } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.getStats = function (selector) {
    heard.getStatsCalls += 1;
    return getStats.call(this, selector);
  };
}

function keep<Sample>(samples: Sample[], sample: Sample): void {
  if (samples.length < maxSamples) samples.push(sample);
}

function listen(client: LongreachClient): void {
  client.on('errorOccurred', ({ message }) => keep(heard.errors, message));
  client.on('figuresUpdated', (figures) => {
    const sample: FiguresSample = { atMs: performance.now(), ...figures };
    keep(heard.figures, sample);
  });
  client.on('event', (event) => {
    if (event.type !== 'webrtcStats') return;
    const atMs = performance.now();
    for (const stats of event.data.filter(({ mediaType }) => mediaType === 'video')) {
      const sample: StatsSample = { atMs, ...stats };
      keep(heard.stats, sample);
    }
  });
}

function addVideo(): HTMLVideoElement {
  const video = document.createElement('video');
  video.className = options.get('size') ?? 'whole';
  videos.push(video);
  return document.body.appendChild(video);
}

window.takeStatsResult = () => {
  const taken = { ...heard };
  Object.assign(heard, emptyResult());
  return taken;
};
window.pictureCounts = () =>
  videos.map((video) => video.getVideoPlaybackQuality().totalVideoFrames);
timeFrameCallbacks();
countGetStats();
if (options.has('held')) holdStatistics();
const client = new LongreachClient({
  url: `${location.origin.replace(/^http/, 'ws')}/signaling`,
  player: { kind: options.get('player') === 'datagram' ? 'datagram' : 'rtp' },
  ...(options.has('held') ? { statsPeriodMs: heldPeriodMs } : {}),
});
listen(client);
await client.login({
  deviceId: options.get('operator') ?? '',
  secret: options.get('key') ?? '',
  forceLogin: 1,
});
for (const machine of machines) {
  const connecting = client.connect(machine, { streams, audio: false });
  const attached = streams.map((streamId) => client.attach(machine, streamId, addVideo()));
  await Promise.all([connecting, ...attached]);
}
