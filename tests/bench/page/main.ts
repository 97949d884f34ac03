import { LongreachClient } from '@longreach/sdk';
import type { BenchPage, ConnectSteps, PageMoment } from './bench-page.ts';
import { Operator } from './operator.ts';
import { watch, watchConnections } from './watched-connection.ts';

const cameras = 4;

watchConnections();
const url = new URL('/signaling', location.href);
url.protocol = 'ws:';
// Only the browser's own receiver tells when packets came and how long decoding took.
const client = new LongreachClient({ url: url.href, player: { kind: 'rtp' } });
const elements = Array.from({ length: cameras }, () => {
  const element = document.createElement('video');
  document.body.append(element);
  return element;
});
let operator: Operator | undefined;

function operatorOf(machineId: string): Operator {
  operator ??= new Operator(client, machineId, elements);
  return operator;
}

type FrameTimes = { receivedMs: number; decodedMs: number; presentedMs: number };

function firstFrame(element: HTMLVideoElement): Promise<FrameTimes> {
  return new Promise((resolve) => {
    element.requestVideoFrameCallback((_, { receiveTime = Number.NaN, processingDuration = 0 }) => {
      resolve({
        receivedMs: receiveTime,
        decodedMs: receiveTime + 1000 * processingDuration,
        presentedMs: performance.now(),
      });
    });
  });
}

async function connect(machineId: string): Promise<ConnectSteps> {
  const first = firstFrame(elements[0] as HTMLVideoElement);
  const startedMs = performance.now();
  const connected = operatorOf(machineId).connect();
  const [frame] = await Promise.all([first, connected]);
  const since = (timeMs: number) => timeMs - startedMs;
  const { offered = Number.NaN, answered = Number.NaN, ...events } = watch.times;
  // Events wait for the page's thread, so that one may be told after what it made possible.
  const firstPacket = Math.min(events.firstPacket ?? frame.receivedMs, frame.receivedMs);
  const up = Math.min(events.connected ?? firstPacket, firstPacket);
  const iceConnected = Math.min(events.iceConnected ?? up, up);
  return {
    offered: since(offered),
    answered: since(answered),
    iceConnected: since(iceConnected),
    connected: since(up),
    firstPacket: since(firstPacket),
    received: since(frame.receivedMs),
    decoded: since(frame.decodedMs),
    presented: since(frame.presentedMs),
  };
}

/** Spins until `Date` goes on to its next millisecond, so that its coarse value is exact. */
function nextMoment(): PageMoment {
  const beforeMs = Date.now();
  let dateMs = beforeMs;
  while (dateMs === beforeMs) dateMs = Date.now();
  return { dateMs, performanceMs: nowMs() };
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

window.benchPage = {
  async login(deviceId, secret) {
    await client.login({ deviceId, secret, forceLogin: 1 });
    await client.getGatewayList();
  },
  connect,
  setMediaPort(port) {
    watch.mediaPort = port;
  },
  async drive(machineId, hz) {
    const driver = operatorOf(machineId);
    driver.startDriving(hz);
    await driver.stayArmed();
  },
  driveCounts() {
    const { sampled = 0, rearms = 0, refusals = [] } = operator ?? {};
    return { atMs: nowMs(), sampled, sent: watch.commandsSent, rearms, refusals: [...refusals] };
  },
  keepUp: (machineId, credentials) => operatorOf(machineId).keepUp(credentials),
  arm: () => operator?.arm(),
  describe: () => operator?.describe() ?? 'no operator',
  nowMs,
  readMoments: (count) => Array.from({ length: count }, nextMoment),
} satisfies BenchPage;
