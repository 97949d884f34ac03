import { LongreachClient } from '@longreach/sdk';
import type { PagePicture, PageResult } from './page-result.ts';

declare global {
  interface Window {
    pictureCount(): number;
    /** Pictures since the page opened, and how the receiver was set. */
    takeResult(): Promise<PageResult>;
  }
}

/** One time forward and back again, ms. */
const shuttleMs = 4000;
const maxPictures = 100_000;
const pictures: PagePicture[] = [];
let pictureCount = 0;
const connections: RTCPeerConnection[] = [];
const video = document.body.appendChild(document.createElement('video'));

/** The page's own list of what the client opens: the client shows none of it. */
class WatchedPeerConnection extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    connections.push(this);
  }
}

function watchPictures(): void {
  video.requestVideoFrameCallback((announcedMs, metadata) => {
    watchPictures();
    pictureCount += 1;
    const { rtpTimestamp, receiveTime, processingDuration, presentationTime } = metadata;
    // Only the browser's own receiver says these.
    if (rtpTimestamp === undefined || receiveTime === undefined) return;
    if (pictures.length >= maxPictures) return;
    pictures.push({
      rtpTimestamp,
      receivedMs: receiveTime,
      decodeMs: (processingDuration ?? Number.NaN) * 1000,
      presentedMs: presentationTime,
      announcedMs,
      calledMs: performance.now(),
    });
  });
}

async function receiverStats(): Promise<PageResult['stats']> {
  const stats: PageResult['stats'] = {};
  for (const connection of connections) {
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type !== 'inbound-rtp' || entry.kind !== 'video' || !entry.framesDecoded) continue;
      for (const [name, value] of Object.entries(entry)) {
        if (typeof value === 'number') stats[name] = value;
      }
    }
  }
  return stats;
}

window.pictureCount = () => pictureCount;
window.takeResult = async () => ({ pictures, stats: await receiverStats() });
window.RTCPeerConnection = WatchedPeerConnection;

const options = new URLSearchParams(location.hash.slice(1));
const mode = options.get('player') ?? 'lowLatency';
const machineId = options.get('machine') ?? '';
const client = new LongreachClient({
  url: `${location.origin.replace(/^http/, 'ws')}/signaling`,
  player: { kind: mode === 'datagram' ? 'datagram' : 'rtp', lowLatency: mode !== 'default' },
});
client.on('errorOccurred', (error) => console.error(error.message));
client.on('playerChanged', ({ kind, reason }) => {
  if (mode === 'datagram' && kind !== 'datagram') console.error(`the player is ${kind}: ${reason}`);
});
watchPictures();
await client.login({
  deviceId: options.get('operator') ?? '',
  secret: options.get('key') ?? '',
  forceLogin: 1,
});
const connecting = client.connect(machineId, { streams: [0], slots: 1, audio: false });
await Promise.all([connecting, client.attach(machineId, 0, video)]);
if (options.get('drive') === 'yes') await drive();

/** Drives forward and back, wheels turning, for as long as the page is open: a picture that stands still flatters every stage. */
async function drive(): Promise<void> {
  const { permission } = await client.requestPermission(machineId);
  if (permission !== 'master') throw new Error('the machine is not ours to drive');
  client.on('stateReported', ({ report }) => {
    if (report.guardMode === 'stopped') client.rearm(machineId);
  });
  client.startDriving(machineId, {
    mainStreamId: () => 0,
    sample: () => {
      const turn = (performance.now() / shuttleMs) * 2 * Math.PI;
      return { axes: [Math.sin(turn / 2), Math.cos(turn) < 0 ? -0.5 : 0.5, 0] };
    },
  });
}
