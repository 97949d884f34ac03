import { openMqttLink } from '@longreach/mqtt-link';
import type { OpenLinkTransport } from './link-transport.ts';
import type { TransportOptions } from './transport-options.ts';
import { createWebSocketOpener } from './websocket-transport.ts';

/** Gives what opens the machine's links, by the kind that its options ask for. */
export function linkOpenerOf(
  options: Pick<TransportOptions, 'linkKind' | 'serverUrl' | 'deviceId' | 'secret'>,
): OpenLinkTransport {
  const { linkKind, serverUrl: url, deviceId, secret } = options;
  if (linkKind === 'websocket') return createWebSocketOpener(url);
  return (handlers) => openMqttLink({ url, deviceId, secret }, handlers);
}
