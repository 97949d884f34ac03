import { LongreachClient } from '@longreach/sdk';
import type { MqttPageApi } from './mqtt-page-api.ts';

const video = document.body.appendChild(document.createElement('video'));
const told: MqttPageApi['told'] = {
  mqtt: [],
  session: [],
  presence: [],
  autoplay: [],
  errors: [],
};
let client: LongreachClient | undefined;
let machine = '';
let axes: number[] | undefined;

function ensureClient(): LongreachClient {
  if (!client) throw new Error('log in first');
  return client;
}

function createClient(): LongreachClient {
  const url = new URL('/signaling', location.href);
  url.protocol = 'ws:';
  const made = new LongreachClient({
    url: url.href,
    cloudMode: 'public',
    observer: {
      onMqttConnectionState: (change) => told.mqtt.push(change),
      onConnected: () => told.session.push('connected'),
      onDisconnected: () => told.session.push('disconnected'),
      onError: ({ message }) => told.errors.push(message),
      onEvent: (event) => {
        if (event.type === 'autoplay') told.autoplay.push(event.data);
      },
    },
  });
  made.on('machinePresenceChanged', ({ state }) => told.presence.push(state));
  return made;
}

/** The code that a promise is rejected with. */
function codeOf(promise: Promise<unknown>): Promise<number | undefined> {
  return promise.then(
    () => undefined,
    (error: { code: number }) => error.code,
  );
}

window.mqttPage = {
  login({ id, secret }) {
    client ??= createClient();
    return codeOf(client.login({ deviceId: id, secret, forceLogin: 1 }));
  },
  logout: () => ensureClient().logout(),
  gateways: () => ensureClient().getGatewayList(),
  async connect(machineId) {
    machine = machineId;
    client ??= createClient();
    const connecting = codeOf(client.connect(machineId, { streams: [0] }));
    client.attach(machineId, 0, video).catch(() => {});
    return connecting;
  },
  frames: () => video.getVideoPlaybackQuality().totalVideoFrames,
  ask: (permission) => ensureClient().requestPermission(machine, permission),
  rearm: () => ensureClient().rearm(machine),
  drive(given) {
    if (axes === undefined && given !== undefined) {
      const sample = () => (axes ? { axes } : undefined);
      ensureClient().startDriving(machine, { mainStreamId: () => 0, sample });
    }
    axes = given;
  },
  told,
};
