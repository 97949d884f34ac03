import { LongreachClient } from '@longreach/sdk';
import { readStamp, stampGeometryOf } from '../../../apps/agent/src/capture/stamp.ts';
import type { SdkPageApi } from './sdk-page-api.ts';

const elements: HTMLVideoElement[] = [];
const detaches = new Map<number, () => void>();
const told: SdkPageApi['told'] = {
  players: [],
  pictures: [],
  figures: [],
  session: [],
  reconnects: [],
  connections: [],
  errors: [],
  gateway: [],
};
let client: LongreachClient | undefined;
let machine = '';

function ensureClient(): LongreachClient {
  if (!client) throw new Error('log in first');
  return client;
}

function ensureElement(index: number): HTMLVideoElement {
  elements[index] ??= document.body.appendChild(document.createElement('video'));
  return elements[index];
}

function listen(to: LongreachClient): void {
  to.on('playerChanged', (event) => told.players.push(event));
  to.on('pictureStateChanged', (event) => told.pictures.push(event));
  to.on('figuresUpdated', (event) => told.figures.push(event));
  to.on('connected', () => told.session.push('connected'));
  to.on('disconnected', () => told.session.push('disconnected'));
  to.on('peerConnectionStateChanged', ({ state, message, streamId, mediaType }) => {
    if (state === 'reconnecting') told.reconnects.push(message);
    const track = streamId === undefined ? {} : { streamId };
    told.connections.push({ state, ...track, ...(mediaType ? { mediaType } : {}) });
  });
  to.on('errorOccurred', ({ message }) => told.errors.push(message));
  to.on('event', (event) => {
    if (event.type === 'gatewayStats')
      told.gateway.push({ atMs: performance.now(), ...event.data });
    if (event.type === 'webrtcStats') api.stats.splice(0, api.stats.length, ...event.data);
  });
}

const api: SdkPageApi = {
  async login({ id, secret, player, mode }) {
    const url = new URL('/signaling', location.href);
    url.protocol = 'ws:';
    client = new LongreachClient({ url: url.href, player, sdkMode: mode });
    listen(client);
    await client.login({ deviceId: id, secret, forceLogin: 1 });
  },
  async connect(machineId, slots, shown) {
    machine = machineId;
    const streams = shown.map(({ streamId }) => streamId);
    await Promise.all([
      ensureClient().connect(machineId, { slots, streams }),
      ...shown.map(({ element, streamId }) => api.attach(element, streamId)),
    ]);
  },
  async attach(element, streamId) {
    const video = ensureElement(element);
    detaches.set(element, await ensureClient().attach(machine, streamId, video));
  },
  detach: (element) => detaches.get(element)?.(),
  swap: (first, second) => ensureClient().swap(ensureElement(first), ensureElement(second)),
  remove: (element) => ensureElement(element).remove(),
  look(element) {
    const video = ensureElement(element);
    const width = video.videoWidth;
    if (width === 0 || video.srcObject === null) return { width: 0 };
    const height = Math.ceil(width / 80);
    const drawing = new OffscreenCanvas(width, height).getContext('2d');
    drawing?.drawImage(video, 0, 0, width, height, 0, 0, width, height);
    const pixels = drawing?.getImageData(0, 0, width, height).data;
    const lumaAt = (x: number, y: number) => pixels?.[4 * (y * width + x) + 1] ?? 0;
    const stamp = readStamp(lumaAt, stampGeometryOf(width));
    return stamp ? { width, frame: stamp.frame } : { width };
  },
  async drive() {
    await ensureClient().requestPermission(machine);
    ensureClient().rearm(machine);
    ensureClient().startDriving(machine, {
      mainStreamId: () => 0,
      sample: () => ({ axes: [0, 0, 0] }),
    });
  },
  diagnose: (options) => ensureClient().startDiagnosis(machine, options),
  stats: [],
  told,
};

window.sdkPage = api;
