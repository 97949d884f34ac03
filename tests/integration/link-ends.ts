import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Accounts } from '../../apps/server/src/accounts/accounts.ts';
import { hashDeviceKey } from '../../apps/server/src/accounts/device-keys.ts';
import { UpgradeRouter } from '../../apps/server/src/api/upgrade-router.ts';
import { parseServerConfig } from '../../apps/server/src/config/server-config.ts';
import { monotonicClock } from '../../apps/server/src/monotonic-clock.ts';
import { MqttServer } from '../../apps/server/src/mqtt/mqtt-server.ts';
import type {
  LinkReceiver,
  LinkTransport as ServerTransport,
} from '../../apps/server/src/signaling/link-transport.ts';
import { SignalingServer } from '../../apps/server/src/signaling/signaling-server.ts';

/** Who comes. */
export const identity = { deviceId: 'default/operator-1', secret: 'a key of 128 bits or more' };
const patienceMs = 10_000;

/** The server's end of one link: what its transport brought. */
export class ServerEnd implements LinkReceiver {
  readonly transport: ServerTransport;
  readonly texts: string[] = [];
  closings = 0;
  onText: (text: string) => void = () => {};

  constructor(transport: ServerTransport) {
    this.transport = transport;
  }

  handleMessage(data: Uint8Array): void {
    const text = Buffer.from(data).toString('utf8');
    this.texts.push(text);
    this.onText(text);
  }

  handleClosed(): void {
    this.closings += 1;
  }
}

/** The server's ends of all links, in the order in which they came. */
export class ServerEnds {
  readonly all: ServerEnd[] = [];
  onOpened: (end: ServerEnd) => void = () => {};

  open(transport: ServerTransport): ServerEnd {
    const end = new ServerEnd(transport);
    this.all.push(end);
    this.onOpened(end);
    return end;
  }

  /** Waits for the link of this place in the order. */
  async at(index: number): Promise<ServerEnd> {
    const deadlineMs = performance.now() + patienceMs;
    for (;;) {
      const end = this.all[index];
      if (end) return end;
      if (performance.now() > deadlineMs) throw new Error(`link ${index} never came`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** A server with the transports of the real one, WebSocket and MQTT, and nothing above them. */
export type LinkServer = { port: number; ends: ServerEnds; close(): Promise<void> };

/** Starts one. */
export async function startLinkServer(): Promise<LinkServer> {
  const config = parseServerConfig({
    signingSecret: 'x'.repeat(32),
    devices: [
      { deviceId: 'operator-1', role: 'remote', keySha256: hashDeviceKey(identity.secret) },
    ],
  });
  const http = createServer();
  const router = new UpgradeRouter(http);
  const ends = new ServerEnds();
  const links = {
    open: (transport: ServerTransport) => ends.open(transport),
    reserve: () => () => {},
  };
  const log = { debug() {} };
  const signaling = new SignalingServer(router, links, log);
  const accounts = new Accounts(config, monotonicClock);
  const given = { config, router, accounts, links, log, hasSession: () => false };
  const mqtt = await MqttServer.start(given);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    port: (http.address() as AddressInfo).port,
    ends,
    close: async () => {
      router.close();
      signaling.close();
      signaling.terminate();
      await mqtt.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
