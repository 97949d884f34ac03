import { LongreachClient } from '@longreach/sdk';
import { drive } from './drive.ts';
import type { PageResult, UsedRoute } from './page-result.ts';
import { makePlain } from './plain-connection.ts';

declare global {
  interface Window {
    takeNetworkResult(): Promise<PageResult>;
  }
}

const statsPeriodMs = 500;
const maxErrors = 20;
const options = new URLSearchParams(location.hash.slice(1));
const machineId = options.get('machine') ?? '';
const kind = options.get('player') ?? 'rtp';
const connections: RTCPeerConnection[] = [];
const errors: string[] = [];
const players: string[] = [];
const states: string[] = [];
let stats: Record<string, unknown> = {};
let stops = 0;

/** The page's own list of what the client opens: the client shows none of it. */
class WatchedPeerConnection extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    connections.push(this);
    if (kind === 'plain') makePlain(this);
  }
}
window.RTCPeerConnection = WatchedPeerConnection;

function noteError(message: string): void {
  errors.push(message);
  if (errors.length > maxErrors) errors.shift();
  console.error(message);
}

function addVideo(): HTMLVideoElement {
  const stage = document.getElementById('stage') as HTMLElement;
  for (const side of ['width', 'height']) {
    stage.style.setProperty(`--${side}`, `${options.get(side)}px`);
  }
  return stage.appendChild(document.createElement('video'));
}

async function readResult(): Promise<PageResult> {
  const routes: UsedRoute[] = [];
  const receivers: PageResult['receivers'] = {};
  for (const [index, connection] of connections.entries()) {
    const report = await connection.getStats();
    for (const entry of report.values()) {
      if (entry.type === 'inbound-rtp' && entry.packetsReceived > 0) {
        receivers[`${index} ${entry.kind} ${entry.mid ?? ''}`] = numbersOf(entry);
      }
      if (entry.type !== 'candidate-pair' || !(entry.packetsSent || entry.packetsReceived))
        continue;
      routes.push({
        remotePort: report.get(entry.remoteCandidateId)?.port ?? 0,
        packetsSent: entry.packetsSent ?? 0,
        packetsReceived: entry.packetsReceived ?? 0,
        bytesReceived: entry.bytesReceived ?? 0,
      });
    }
  }
  const { jitterBuffer } = stats;
  const jitterBufferMs = typeof jitterBuffer === 'number' ? jitterBuffer : null;
  return { routes, receivers, stats, jitterBufferMs, players, states, errors, stops };
}

function numbersOf(entry: object): Record<string, number> {
  const numbers = Object.entries(entry).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(numbers) as Record<string, number>;
}

window.takeNetworkResult = readResult;
const client = new LongreachClient({
  url: options.get('signaling') ?? `${location.origin.replace(/^http/, 'ws')}/signaling`,
  statsPeriodMs,
  player: { kind: kind === 'datagram' ? 'datagram' : 'rtp', lowLatency: kind !== 'plain' },
});
client.on('errorOccurred', (error) => noteError(error.message));
client.on('peerConnectionStateChanged', ({ state, message }) => {
  states.push(`${state} ${message}`.trim());
});
client.on('playerChanged', ({ kind: used, reason }) => players.push(`${used}: ${reason}`));
client.on('event', (event) => {
  if (event.type !== 'webrtcStats') return;
  stats = { ...event.data.find((one) => one.mediaType === 'video') };
});
client.on('stateReported', ({ report }) => {
  if (report.guardMode === 'stopped') stops += 1;
});
const video = addVideo();
await client.login({
  deviceId: options.get('operator') ?? '',
  secret: options.get('key') ?? '',
  forceLogin: 1,
});
const connecting = client.connect(machineId, { streams: [0], slots: 1, audio: false });
await Promise.all([connecting, client.attach(machineId, 0, video)]);
if (options.get('drive') !== 'no') {
  await drive(client, machineId).catch((error: unknown) => noteError(String(error)));
}
