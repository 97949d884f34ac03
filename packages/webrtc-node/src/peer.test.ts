import { afterEach, expect, test } from 'vitest';
import { parseMediaDescriptions } from './media-description.ts';
import {
  createPeer,
  type MediaTrack,
  type Peer,
  type PeerChannel,
  withCandidates,
  withOffererAsClient,
} from './peer.ts';

const open: Peer[] = [];
afterEach(() => {
  for (const peer of open.splice(0)) peer.close();
});

const videoLines = [
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  'a=rtcp-fb:102 nack',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid',
];

function peer(name: string, muxPort?: number): Peer {
  const created = createPeer({
    name,
    bindAddress: '127.0.0.1',
    ...(muxPort === undefined ? {} : { muxPort }),
  });
  open.push(created);
  return created;
}

function rtp(ssrc: number, sequence: number): Buffer {
  const packet = Buffer.alloc(40, 7);
  packet[0] = 0x80;
  packet[1] = 102;
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(1234, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

/** A NACK (RFC 4585 section 6.2.1) for one packet of `ssrc`. */
function nack(ssrc: number, sequence: number): Buffer {
  const packet = Buffer.alloc(16);
  packet.set([0x81, 205, 0, 3]);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.writeUInt16BE(sequence, 12);
  return packet;
}

function connectPair(port: number) {
  const offerer = peer('offerer');
  const answerer = peer('answerer', port);
  const tracks: MediaTrack[] = ['0', '1'].map((mid, i) =>
    offerer.addTrack({
      kind: 'video',
      mid,
      direction: 'sendonly',
      lines: [...videoLines, `a=ssrc:${1000 + i} cname:m`],
    }),
  );
  const channel = offerer.createChannel('control', { ordered: false, maxRetransmits: 0 });
  const offer = offerer.setLocalDescription('offer');
  const received = parseMediaDescriptions(offer)
    .filter((media) => media.kind === 'video')
    .map((media) =>
      answerer.addTrack({
        kind: 'video',
        mid: media.mid,
        direction: 'recvonly',
        lines: videoLines,
      }),
    );
  answerer.setRemoteDescription(withOffererAsClient(offer), 'offer');
  const answer = answerer.setLocalDescription('answer');
  offerer.setRemoteDescription(withCandidates(answer, [{ host: '127.0.0.1', port }]), 'answer');
  return { offerer, answerer, answer, tracks, received, channel };
}

function connected(target: Peer): Promise<void> {
  return new Promise((resolve) => {
    target.onState((state) => state === 'connected' && resolve());
  });
}

test('packets of two tracks arrive at their own m-line, feedback at the sender, messages on the channel', async () => {
  const { offerer, answerer, tracks, received, channel } = connectPair(48211);
  const remoteChannel = new Promise<PeerChannel>((resolve) => answerer.onChannel(resolve));
  await Promise.all([connected(offerer), connected(answerer)]);
  const arrivals = received.map(
    (track) => new Promise<Buffer>((resolve) => track.onPacket(resolve)),
  );
  const feedback = new Promise<Buffer>((resolve) => tracks[1]?.onPacket(resolve));
  await expect.poll(() => tracks[0]?.send(rtp(1000, 5))).toBe(true);
  await expect.poll(() => tracks[1]?.send(rtp(1001, 6))).toBe(true);
  expect((await arrivals[0])?.readUInt32BE(8)).toBe(1000);
  expect((await arrivals[1])?.readUInt32BE(8)).toBe(1001);
  await expect.poll(() => received[1]?.send(nack(1001, 6))).toBe(true);
  expect((await feedback).readUInt16BE(12)).toBe(6);

  const far = await remoteChannel;
  const message = new Promise<Buffer>((resolve) => far.onMessage(resolve));
  await expect.poll(() => channel.send(new Uint8Array([1, 2, 3]))).toBe(true);
  expect([...(await message)]).toEqual([1, 2, 3]);
  expect(far.label).toBe('control');
});

test('whoever offers begins the handshake when the answerer is told so', async () => {
  const { offerer, answerer, answer } = connectPair(48212);
  expect(answer).toContain('a=setup:passive');
  await Promise.all([connected(offerer), connected(answerer)]);
});

test('the way that packets take is known while there is one', async () => {
  expect(peer('alone').selectedPair()).toBeUndefined();
  const { offerer, answerer } = connectPair(48214);
  await Promise.all([connected(offerer), connected(answerer)]);
  const end = { address: '127.0.0.1', type: 'host' };
  expect(offerer.selectedPair()).toEqual({ local: end, remote: end, transport: 'udp' });
  offerer.close();
  expect(offerer.selectedPair()).toBeUndefined();
});

test('a broken description is refused with InvalidParameters and the peer can still be closed', () => {
  const target = peer('broken', 48213);
  expect(() => target.setRemoteDescription('v=0\r\nnonsense', 'offer')).toThrow(
    expect.objectContaining({ code: 2002 }),
  );
  target.close();
  target.close();
});
