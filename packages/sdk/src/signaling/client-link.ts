import type { ClientOptions } from '../api.ts';
import { browserClock } from '../page/page-clock.ts';
import { createMqttOpener } from './mqtt-transport.ts';
import { type MqttStateChange, MqttWatch } from './mqtt-watch.ts';
import { SignalingLink } from './signaling-link.ts';
import { openWebSocket } from './websocket-transport.ts';

/** A client's link; `mqtt` follows what is beneath it in public modes. */
export type ClientLink = { link: SignalingLink; mqtt: MqttWatch | undefined };

/** Makes the link that the cloud mode asks for. It tells of MQTT before it tells of itself. */
export function createClientLink(
  options: ClientOptions,
  onMqttChanged: (change: MqttStateChange) => void,
): ClientLink {
  const { url, cloudMode = 'private' } = options;
  const given = { url, clock: browserClock, random: Math.random };
  if (cloudMode === 'private') {
    return {
      link: new SignalingLink({ ...given, openTransport: openWebSocket }),
      mqtt: undefined,
    };
  }
  const mqtt = new MqttWatch(onMqttChanged);
  const openTransport = createMqttOpener({
    url: options.mqtt?.url,
    onOpened: () => mqtt.handle('opened'),
    onFailed: (message) => mqtt.handle('failed', message),
  });
  const link = new SignalingLink({ ...given, openTransport });
  link.on('stateChanged', ({ state, data }) => mqtt.handleSignaling(state, data));
  return { link, mqtt };
}
