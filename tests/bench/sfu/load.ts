/**
 * The load generator: publishers and viewers in one process of its own, the same for both servers.
 * Only one viewer of each publisher hands its packets to JavaScript; the others only decrypt them.
 */
import { createSocket } from 'node:dgram';
import {
  ArrivalLog,
  canonicalHeaderBytes,
  isRtcp,
  PacketBuilder,
  readTransportSequence,
  TransportSequence,
  writeTransportSequence,
} from '@longreach/rtp';
import {
  closeNativeLibrary,
  createPeer,
  type MediaTrack,
  type Peer,
  parseMediaDescriptions,
  withCandidates,
} from '@longreach/webrtc-node';
import { openJanusViewers } from './janus-viewers.ts';
import type { FromLoad, LoadScenario, LoadTarget, ToLoad } from './load-messages.ts';

const payloadBytes = 1000;
/** A browser tells what arrived every 50 to 100 ms. */
const feedbackMs = 50;
const warmUpMs = 2000;
const firstDirectPort = 48_430;
const lines = [
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  'a=rtcp-fb:102 nack',
  'a=rtcp-fb:102 nack pli',
  'a=rtcp-fb:102 transport-cc',
  'a=rtpmap:103 rtx/90000',
  'a=fmtp:103 apt=102',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=extmap:2 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  'a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
];

type Send = (packet: Buffer) => void;

const peers: Peer[] = [];
const answers = new Map<number, (sdp: string) => void>();
let nextId = 1;

function post(message: FromLoad): void {
  process.send?.(message);
}

function nowMs(): number {
  return performance.now();
}

/** Opens one connection to our worker and gives its track once packets can be sent. */
async function connectToWorker(
  address: string,
  role: 'field' | 'remote',
  room: string,
  name: string,
): Promise<MediaTrack> {
  const peer = createPeer({ name, bindAddress: address });
  peers.push(peer);
  const field = role === 'field';
  const ssrcs = field ? ['a=ssrc:1000 cname:l', 'a=ssrc:1001 cname:l'] : [];
  const track = peer.addTrack({
    kind: 'video',
    mid: '0',
    direction: field ? 'sendonly' : 'recvonly',
    lines: [...lines, ...ssrcs],
  });
  const id = nextId++;
  const answered = new Promise<string>((resolve) => answers.set(id, resolve));
  // No browser: the server shall begin the handshake.
  const sdp = peer.setLocalDescription('offer').replace('a=setup:actpass', 'a=setup:passive');
  post({ type: 'offer', id, role, room, peer: name, sdp });
  peer.setRemoteDescription(await answered, 'answer');
  await opened(track);
  return track;
}

async function openLongreach(scenario: LoadScenario, address: string) {
  const sends: Send[] = [];
  const sampled: MediaTrack[] = [];
  const audiences: MediaTrack[][] = [];
  for (let p = 0; p < scenario.publishers; p++) {
    const room = `room${p}`;
    const publisher = await connectToWorker(address, 'field', room, room);
    const transportSequence = new TransportSequence();
    sends.push((packet) => {
      writeTransportSequence(packet, transportSequence.take());
      publisher.send(packet);
    });
    const audience: MediaTrack[] = [];
    audiences.push(audience);
    for (let v = 0; v < scenario.viewersPerPublisher; v++) {
      const viewer = await connectToWorker(address, 'remote', room, `viewer${p}-${v}`);
      if (v === 0) sampled.push(viewer);
      audience.push(viewer);
    }
  }
  return { sends, sampled, onSample: tellArrivals(audiences) };
}

/** All viewers of a publisher get the same under the same numbers: what the sampled one saw is told by each. */
function tellArrivals(audiences: MediaTrack[][]): (publisher: number, packet: Buffer) => void {
  const logs = audiences.map(() => new ArrivalLog({ intervalUs: feedbackMs * 1000 }));
  setInterval(() => {
    logs.forEach((log, p) => {
      for (;;) {
        const feedback = log.takeFeedback(nowMs() * 1000, 1, 1000);
        if (!feedback) return;
        for (const viewer of audiences[p] ?? []) viewer.send(feedback);
      }
    });
  }, feedbackMs / 5);
  return (publisher, packet) => {
    const sequence = readTransportSequence(packet);
    if (sequence >= 0) logs[publisher]?.handlePacket(sequence, nowMs() * 1000);
  };
}

async function openJanus(scenario: LoadScenario, target: Extract<LoadTarget, { kind: 'janus' }>) {
  const socket = createSocket('udp4');
  const sends = Array.from({ length: scenario.publishers }, (_, p): Send => {
    return (packet) => socket.send(packet, target.firstRtpPort + 2 * p, target.address);
  });
  const viewers = await openJanusViewers(scenario, target, parseMediaDescriptions, peers);
  return { sends, onSample: undefined, sampled: viewers };
}

/** One sender and one receiver without anything in between. */
async function connectDirectly(address: string, port: number) {
  const [near, far] = ['near', 'far'].map((name, i) =>
    createPeer({ name, bindAddress: address, ...(i === 1 ? { muxPort: port } : {}) }),
  ) as [Peer, Peer];
  peers.push(near, far);
  const media = { kind: 'video', mid: '0' } as const;
  const ssrc = 'a=ssrc:1000 cname:l';
  const sender = near.addTrack({ ...media, direction: 'sendonly', lines: [...lines, ssrc] });
  const receiver = far.addTrack({ ...media, direction: 'recvonly', lines });
  far.setRemoteDescription(near.setLocalDescription('offer'), 'offer');
  const answer = withCandidates(far.setLocalDescription('answer'), [{ host: address, port }]);
  near.setRemoteDescription(answer, 'answer');
  await Promise.all([near, far].map((_, i) => opened(i === 0 ? sender : receiver)));
  return { sender, receiver };
}

async function openDirect(scenario: LoadScenario, address: string) {
  const pairs: Array<{ sender: MediaTrack; receiver: MediaTrack }> = [];
  for (let v = 0; v < scenario.viewersPerPublisher; v++) {
    pairs.push(await connectDirectly(address, firstDirectPort + v));
  }
  const send: Send = (packet) => {
    for (const { sender } of pairs) sender.send(packet);
  };
  return {
    sends: [send],
    onSample: undefined,
    sampled: pairs.slice(0, 1).map(({ receiver }) => receiver),
  };
}

function opened(track: MediaTrack): Promise<void> {
  return new Promise((resolve) => track.onOpen(resolve));
}

/** Sends every publisher's packets evenly; what the timer missed is made up for at its next turn. */
function startSending(sends: Send[], packetsPerSecond: number) {
  const builders = sends.map(
    (_, i) => new PacketBuilder({ payloadType: 102, ssrc: 1000, mid: '0', firstSequence: i }),
  );
  const startMs = nowMs();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((nowMs() - startMs) * packetsPerSecond) / 1000);
    for (; sent < due; sent++) {
      const key = sent % Math.max(1, Math.floor(packetsPerSecond / 4)) === 0;
      sends.forEach((send, i) => {
        const packet = (builders[i] as PacketBuilder).build(
          payloadBytes,
          true,
          sent * 20,
          1 + sent,
        );
        packet[canonicalHeaderBytes] = key ? 0x65 : 0x41;
        packet.writeDoubleBE(nowMs(), canonicalHeaderBytes + 8);
        send(packet);
      });
    }
  }, 1);
  return { stop: () => clearInterval(timer), sent: () => sent };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function open(scenario: LoadScenario, target: LoadTarget) {
  switch (target.kind) {
    case 'longreach':
      return openLongreach(scenario, target.address);
    case 'janus':
      return openJanus(scenario, target);
    case 'direct':
      return openDirect(scenario, target.address);
  }
}

async function run(scenario: LoadScenario, target: LoadTarget): Promise<void> {
  const { sends, sampled, onSample } = await open(scenario, target);
  const delaysMs: number[] = [];
  let measuring = false;
  let sampleReceived = 0;
  for (const [publisher, track] of sampled.entries()) {
    track.onPacket((packet) => {
      if (isRtcp(packet)) return;
      onSample?.(publisher, packet);
      if (!measuring) return;
      sampleReceived += 1;
      const at = packet.length - payloadBytes + 8;
      if (delaysMs.length < 200_000) delaysMs.push(nowMs() - packet.readDoubleBE(at));
    });
  }
  const sender = startSending(sends, scenario.packetsPerSecond);
  await wait(warmUpMs);
  measuring = true;
  const sentBefore = sender.sent();
  post({ type: 'measuring' });
  await wait(scenario.seconds * 1000);
  measuring = false;
  const sent = sender.sent() - sentBefore;
  post({ type: 'measured', sent, sampleReceived, delaysMs });
  sender.stop();
}

process.on('message', (message: ToLoad) => {
  if (message.type === 'answer') answers.get(message.id)?.(message.sdp);
  else void run(message.scenario, message.target);
});
process.on('disconnect', () => {
  for (const peer of peers) peer.close();
  closeNativeLibrary();
  process.exit(0);
});
