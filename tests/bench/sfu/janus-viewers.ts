import { randomUUID } from 'node:crypto';
import {
  createPeer,
  type MediaDescription,
  type MediaTrack,
  type Peer,
} from '@longreach/webrtc-node';
import { WebSocket } from 'ws';
import type { LoadScenario, LoadTarget } from './load-messages.ts';

type JanusMessage = {
  janus: string;
  transaction?: string;
  sender?: number;
  data?: { id: number };
  jsep?: { type: string; sdp: string };
};

type JanusTarget = Extract<LoadTarget, { kind: 'janus' }>;

/** Watches every mountpoint of a Janus streaming plugin the asked number of times; gives each mountpoint's first viewer. */
export async function openJanusViewers(
  scenario: LoadScenario,
  target: JanusTarget,
  parse: (sdp: string) => MediaDescription[],
  peers: Peer[],
): Promise<MediaTrack[]> {
  const janus = await openSession(target);
  const sampled: MediaTrack[] = [];
  for (let p = 0; p < scenario.publishers; p++) {
    for (let v = 0; v < scenario.viewersPerPublisher; v++) {
      const track = await watch(janus, target.address, p + 1, parse, peers);
      if (v === 0) sampled.push(track);
    }
  }
  return sampled;
}

type Session = {
  request: (body: object) => Promise<JanusMessage>;
  offerFor: (handle: number) => Promise<string>;
};

async function openSession({ address, webSocketPort }: JanusTarget): Promise<Session> {
  const socket = new WebSocket(`ws://${address}:${webSocketPort}`, 'janus-protocol');
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const waiting = new Map<string, (message: JanusMessage) => void>();
  const offers = new Map<number, (sdp: string) => void>();
  socket.on('message', (text) => {
    const message = JSON.parse(String(text)) as JanusMessage;
    if (message.jsep && message.sender) offers.get(message.sender)?.(message.jsep.sdp);
    else waiting.get(message.transaction ?? '')?.(message);
  });
  let sessionId: number | undefined;
  const request = (body: object) => {
    const transaction = randomUUID();
    const answered = new Promise<JanusMessage>((resolve) => waiting.set(transaction, resolve));
    socket.send(JSON.stringify({ ...body, transaction, session_id: sessionId }));
    return answered;
  };
  sessionId = (await request({ janus: 'create' })).data?.id;
  setInterval(() => void request({ janus: 'keepalive' }), 20_000).unref();
  const offerFor = (handle: number) =>
    new Promise<string>((resolve) => {
      offers.set(handle, resolve);
    });
  return { request, offerFor };
}

async function watch(
  janus: Session,
  address: string,
  mountpoint: number,
  parse: (sdp: string) => MediaDescription[],
  peers: Peer[],
): Promise<MediaTrack> {
  const attached = await janus.request({ janus: 'attach', plugin: 'janus.plugin.streaming' });
  const handle = attached.data?.id as number;
  const offered = janus.offerFor(handle);
  await janus.request({
    janus: 'message',
    handle_id: handle,
    body: { request: 'watch', id: mountpoint },
  });
  const offer = await offered;
  const peer = createPeer({ name: `janus${handle}`, bindAddress: address });
  peers.push(peer);
  const media = parse(offer).find((line) => line.kind === 'video') as MediaDescription;
  const codec = media.codecs.find(({ name }) => name === 'h264');
  const track = peer.addTrack({
    kind: 'video',
    mid: media.mid,
    direction: 'recvonly',
    lines: [
      `a=rtpmap:${codec?.payloadType} H264/90000`,
      `a=fmtp:${codec?.payloadType} packetization-mode=1;profile-level-id=42e01f`,
      `a=rtcp-fb:${codec?.payloadType} nack`,
    ],
  });
  peer.setRemoteDescription(offer, 'offer');
  const sdp = peer.setLocalDescription('answer');
  void janus.request({
    janus: 'message',
    handle_id: handle,
    body: { request: 'start' },
    jsep: { type: 'answer', sdp },
  });
  await new Promise<void>((resolve) => track.onOpen(resolve));
  return track;
}
