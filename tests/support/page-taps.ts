import type { Page } from 'playwright-core';

/** What the page opened since it was loaded, newest last. */
export type PageTaps = {
  peers: RTCPeerConnection[];
  sockets: WebSocket[];
  workers: Worker[];
  /** The newest that a datagram player's worker was told of. */
  connection: number;
};

declare global {
  interface Window {
    longreachTaps: PageTaps;
  }
}

/** Keeps hold of the connections that a page opens, so that a test can count, measure and misuse them. */
export async function installTaps(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const taps: PageTaps = { peers: [], sockets: [], workers: [], connection: 0 };
    window.longreachTaps = taps;
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        taps.peers.push(this);
      }
    };
    window.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        taps.workers.push(this);
      }

      override postMessage(
        message: { connection?: number },
        more?: Transferable[] | StructuredSerializeOptions,
      ) {
        taps.connection = Math.max(taps.connection, message.connection ?? 0);
        super.postMessage(message, more as StructuredSerializeOptions);
      }
    };
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        taps.sockets.push(this);
      }
    };
  });
}

/** Peer connections that the page has created so far. */
export function countPeers(page: Page): Promise<number> {
  return page.evaluate(() => window.longreachTaps.peers.length);
}

/** Sums of the newest connection's sound, both ways. */
export type SoundCounters = { received: number; energy: number; sent: number };

/** How much sound the newest connection has received and sent so far. */
export function readSound(page: Page): Promise<SoundCounters> {
  return page.evaluate(async () => {
    const sums = { received: 0, energy: 0, sent: 0 };
    const report = await window.longreachTaps.peers.at(-1)?.getStats();
    report?.forEach((entry) => {
      if (entry.kind !== 'audio') return;
      if (entry.type === 'outbound-rtp') sums.sent += entry.packetsSent;
      // Packets of the datagram player are of audio in name only: no sound is ever made of them.
      if (entry.type !== 'inbound-rtp' || !entry.jitterBufferEmittedCount) return;
      sums.received += entry.packetsReceived;
      sums.energy += entry.totalAudioEnergy;
    });
    return sums;
  });
}

/** Sends frames as messages of this label through the newest datagram player, as no honest page would. */
export function sendRawFrames(page: Page, label: string, frames: Uint8Array[]): Promise<void> {
  const list = frames.map((frame) => [...frame]);
  return page.evaluate(
    ({ label, list }) => {
      const { workers, connection } = window.longreachTaps;
      const worker = workers.at(-1);
      if (!worker) throw new Error('there is no datagram player');
      for (const one of list) {
        const message = { type: 'message', label, bytes: new Uint8Array(one) };
        worker.postMessage({ type: 'connection', connection, message });
      }
    },
    { label, list },
  );
}
