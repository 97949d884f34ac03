import { type ClientEvents, LongreachClient, type MediaObserver } from '@longreach/sdk';
import type { ClientPageApi } from './client-page-api.ts';

const observed: ClientPageApi['observed'] = {
  onMqttConnectionState: [],
  onSignalingState: [],
  onRoomState: [],
  onPeerConnectionState: [],
  onConnected: [],
  onDisconnected: [],
  onKickedOut: [],
  onPermissionState: [],
  onReportData: [],
  onGatewayListChanged: [],
  onError: [],
  onEvent: [],
};
const events: ClientPageApi['events'] = {
  signalingStateChanged: [],
  roomStateChanged: [],
  peerConnectionStateChanged: [],
  connected: [],
  disconnected: [],
  kickedOut: [],
  permissionChanged: [],
  reportReceived: [],
  stateReported: [],
  gatewayListChanged: [],
  machinePresenceChanged: [],
  pictureStateChanged: [],
  figuresUpdated: [],
  playerChanged: [],
  mqttStateChanged: [],
  serverStatsReported: [],
  diagnosed: [],
  commandRefused: [],
  event: [],
  errorOccurred: [],
};
const sounds: HTMLAudioElement[] = [];
const elements: HTMLVideoElement[] = [];
const refused: RTCPeerConnection[] = [];
let client: LongreachClient | undefined;
let stopDriving = () => {};

window.Audio = class extends Audio {
  constructor(source?: string) {
    super(source);
    sounds.push(this);
  }
};

function ensureClient(): LongreachClient {
  if (!client) throw new Error('create a client first');
  return client;
}

function ensureElement(index: number): HTMLVideoElement {
  elements[index] ??= document.body.appendChild(document.createElement('video'));
  return elements[index];
}

function createObserver(): MediaObserver {
  const entries = Object.entries(observed).map(([name, calls]) => [
    name,
    (...args: unknown[]) => calls.push(args),
  ]);
  return Object.fromEntries(entries) as MediaObserver;
}

function listen<Name extends keyof ClientEvents>(name: Name): void {
  ensureClient().on(name, (payload) => events[name].push(payload));
}

const api: ClientPageApi = {
  create(options) {
    const url = new URL('/signaling', location.href);
    url.protocol = 'ws:';
    client = new LongreachClient({ url: url.href, ...options, observer: createObserver() });
    for (const name of Object.keys(events)) listen(name as keyof ClientEvents);
  },
  async call(method, ...args) {
    const methods = ensureClient() as unknown as Record<string, (...args: unknown[]) => unknown>;
    try {
      return await methods[method]?.(...args);
    } catch (error) {
      const { code, message } = error as { code?: number; message: string };
      throw new Error(`${code} ${message}`);
    }
  },
  async attach(deviceId, streamId, element) {
    await ensureClient().attach(deviceId, streamId, ensureElement(element));
  },
  swap: (first, second) => ensureClient().swap(ensureElement(first), ensureElement(second)),
  startDriving(deviceId, axes) {
    stopDriving();
    stopDriving = () => {};
    if (!axes) return;
    const sample = () => ({ axes });
    stopDriving = ensureClient().startDriving(deviceId, { mainStreamId: () => 0, sample });
  },
  sendControlData: (deviceId, bytes, qos) =>
    ensureClient().sendControlData(deviceId, Uint8Array.from(bytes), qos),
  async publishLocalTrack(deviceId) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const [track] = stream.getAudioTracks();
    await ensureClient().publishLocalTrack(deviceId, track as MediaStreamTrack);
  },
  exhaust() {
    try {
      for (;;) refused.push(new RTCPeerConnection());
    } catch {
      return refused.length;
    }
  },
  mutedSounds: () => sounds.map(({ muted }) => muted),
  widths: () => elements.map(({ videoWidth }) => videoWidth),
  observed,
  events,
};

window.clientPage = api;
