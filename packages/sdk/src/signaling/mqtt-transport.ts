import { mqttUrlOf } from '@longreach/protocol';
import { invalidParameters, mqttClientNotFound, toError } from '../errors.ts';
import type { LinkTransport, OpenLinkTransport } from './link-transport.ts';

type MqttLibrary = typeof import('@longreach/mqtt-link');

/** Where the broker is, and who hears what becomes of the attempts to reach it. */
export type MqttOpenerOptions = {
  /** Default: `/mqtt` beside the signaling endpoint. */
  url?: string | undefined;
  onOpened(): void;
  onFailed(message: string): void;
  /** Stands in for the library in tests. */
  load?: () => Promise<MqttLibrary>;
};

/** The MQTT client weighs more than the whole SDK without it, so it comes with the first link. */
const loadLibrary = (): Promise<MqttLibrary> => import('@longreach/mqtt-link');

/** Gives what opens links over MQTT; each attempt ends in `onOpened` or `onFailed`, unless it is closed before. */
export function createMqttOpener(options: MqttOpenerOptions): OpenLinkTransport {
  const { load = loadLibrary, onOpened, onFailed } = options;
  return (url, handlers, { deviceId, secret }) => {
    let link: LinkTransport | undefined;
    let isOpen = false;
    let isClosed = false;
    const handleClosed: typeof handlers.onClosed = (reason, refusal) => {
      if (isClosed) return;
      isClosed = true;
      if (!isOpen) onFailed(refusal?.message ?? reason);
      handlers.onClosed(reason, refusal);
    };
    const handleOpened = () => {
      isOpen = true;
      onOpened();
      handlers.onOpened();
    };
    const open = ({ openMqttLink }: MqttLibrary) => {
      if (isClosed) return;
      try {
        link = openMqttLink(
          { url: options.url ?? mqttUrlOf(url), deviceId, secret },
          { onOpened: handleOpened, onText: handlers.onMessage, onClosed: handleClosed },
        );
      } catch (error) {
        const message = `cannot open ${options.url ?? url}: ${toError(error).message}`;
        handleClosed(message, invalidParameters(message));
      }
    };
    load().then(open, (error) => handleClosed('no MQTT client', mqttClientNotFound(error)));
    return {
      send: (text) => link?.send(text) ?? false,
      close() {
        isClosed = true;
        link?.close();
      },
    };
  };
}
