import { deviceIdSchema } from '@longreach/protocol';
import { linkOpenerOf } from '../../apps/agent/src/publish/link-opener.ts';
import { createMqttOpener } from '../../packages/sdk/src/signaling/mqtt-transport.ts';
import { openWebSocket } from '../../packages/sdk/src/signaling/websocket-transport.ts';
import { createTcpPath } from '../support/tcp-path.ts';
import { describeLink, type LinkKind } from './link-contract.ts';
import { identity, ServerEnds, startLinkServer } from './link-ends.ts';
import { MemoryPath, openMemoryLink } from './memory-link.ts';

/** Links to the transports of the real server, over a network that can fail. */
async function overNetwork(open: (port: number) => LinkKind['open']): Promise<LinkKind> {
  const server = await startLinkServer();
  const path = await createTcpPath(() => server.port);
  return {
    ends: server.ends,
    open: open(path.port),
    cut: path.cut,
    restore: path.restore,
    drop: path.drop,
    close: async () => {
      await path.close();
      await server.close();
    },
  };
}

/** A machine's way to open links, with the names of the browser's port. */
function asMachine(linkKind: 'websocket' | 'mqtt', url: string): LinkKind['open'] {
  const deviceId = deviceIdSchema.parse(identity.deviceId);
  const open = linkOpenerOf({ linkKind, serverUrl: url, ...identity, deviceId });
  return ({ onMessage, ...handlers }) => open({ ...handlers, onText: onMessage });
}

describeLink('memory', async () => {
  const ends = new ServerEnds();
  const path = new MemoryPath();
  return {
    ends,
    open: ({ onMessage, ...handlers }) =>
      openMemoryLink(ends, path, { ...handlers, onText: onMessage }),
    cut: () => path.cut(),
    restore: () => path.restore(),
    drop: () => path.drop(),
    close: async () => {},
  };
});

describeLink('WebSocket, from a browser', () =>
  overNetwork((port) => {
    const url = `ws://127.0.0.1:${port}/signaling`;
    return (handlers) => openWebSocket(url, handlers, identity);
  }),
);

describeLink('MQTT, from a browser', () =>
  overNetwork((port) => {
    const open = createMqttOpener({ onOpened() {}, onFailed() {} });
    const url = `ws://127.0.0.1:${port}/signaling`;
    return (handlers) => open(url, handlers, identity);
  }),
);

describeLink('WebSocket, from a machine', () =>
  overNetwork((port) => asMachine('websocket', `ws://127.0.0.1:${port}/signaling`)),
);

describeLink('MQTT, from a machine', () =>
  overNetwork((port) => asMachine('mqtt', `ws://127.0.0.1:${port}/mqtt`)),
);
