import { randomBytes } from 'node:crypto';
import {
  ArrivalLog,
  buildExtendedReport,
  buildReceiverReport,
  canonicalHeaderBytes,
  isRtcp,
  readMarker,
  readSequence,
  readSsrc,
  readTimestamp,
} from '@longreach/rtp';
import { extensionUris } from '@longreach/webrtc-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recoverAll } from '../../../../packages/rtp/src/flexfec/testing/reference-decoder.ts';
import { connected, keyFrame, rtcpOf, rtpOf, videoSlot, WorkerBed } from './testing/worker-bed.ts';

const patience = { timeout: 10_000 };
const transportSequenceAt = 20;
/** As a browser offers it. */
const browserLines = [
  'a=rtcp-fb:102 transport-cc',
  'a=rtcp-fb:102 rrtr',
  `a=extmap:2 ${extensionUris.transportSequence}`,
  'a=rtpmap:49 flexfec-03/90000',
  'a=fmtp:49 repair-window=10000000',
];
let bed: WorkerBed;
let timer: NodeJS.Timeout | undefined;

beforeEach(() => {
  bed = new WorkerBed(48_307);
});

afterEach(() => {
  clearInterval(timer);
  bed.close();
});

/** A picture of some packets. */
function picture(bytes: number): Buffer {
  const noise = randomBytes(bytes).map((byte) => byte | 1);
  return Buffer.concat([Buffer.from([0, 0, 0, 1, 0x41]), noise]);
}

/** What a receiver keeps of a packet: the transport-wide sequence counts as zeros. */
function held(packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  copy.writeUInt16BE(0, transportSequenceAt);
  return copy;
}

test('a browser that loses packets is sent FlexFEC, which brings them back byte for byte', async () => {
  const field = bed.machine();
  const viewer = bed.viewer('op1', [videoSlot('0', 0)], browserLines);
  const { fecSsrcs, ssrcs } = viewer.answer[0] ?? {};
  const mediaSsrc = ssrcs?.[0] ?? 0;
  const fecSsrc = fecSsrcs?.get(mediaSsrc);
  expect(fecSsrc).toBeDefined();
  await connected(field, viewer);

  const log = new ArrivalLog();
  const sent = new Map<number, Buffer>();
  const arrived = new Map<number, Buffer>();
  const repairs: Buffer[] = [];
  let seen = 0;
  let timestamp = 3_000;
  timer = setInterval(() => {
    timestamp += 3_000;
    field.send(0, timestamp % 60_000 === 0 ? keyFrame : picture(6_000), timestamp);
    const packets = rtpOf(viewer);
    for (; seen < packets.length; seen++) {
      const packet = packets[seen] as Buffer;
      const ssrc = readSsrc(packet);
      if (ssrc === mediaSsrc) sent.set(readSequence(packet), held(packet));
      if (seen % 8 === 3) continue;
      log.handlePacket(packet.readUInt16BE(transportSequenceAt), performance.now() * 1_000);
      if (ssrc === mediaSsrc) arrived.set(readSequence(packet), held(packet));
      if (ssrc === fecSsrc) repairs.push(packet.subarray(canonicalHeaderBytes));
    }
    const feedback = log.takeFeedback(performance.now() * 1_000, 1, mediaSsrc);
    if (feedback) viewer.tracks[0]?.send(feedback);
  }, 15);
  const recovered = () => {
    const all = recoverAll(arrived, repairs);
    return [...all].filter(([sequence]) => !arrived.has(sequence));
  };
  await expect.poll(() => recovered().length, patience).toBeGreaterThan(20);
  for (const [sequence, packet] of recovered()) {
    expect(Buffer.compare(packet, sent.get(sequence) ?? Buffer.of())).toBe(0);
  }
  const repair = rtpOf(viewer).find((packet) => readSsrc(packet) === fecSsrc) as Buffer;
  expect(readMarker(repair)).toBe(false);
  expect([...sent.values()].map(readTimestamp)).toContain(readTimestamp(repair));
});

test('a receiver that gives its time in extended reports gets it back at once; one that loses nothing gets no parity', async () => {
  const field = bed.machine();
  const viewer = bed.viewer('op1', [videoSlot('0', 0)], browserLines);
  await connected(field, viewer);
  await expect
    .poll(() => {
      field.send(0, keyFrame, 3_000);
      return rtpOf(viewer).length;
    }, patience)
    .toBeGreaterThan(0);
  const [mediaSsrc = 0] = viewer.answer[0]?.ssrcs ?? [];
  const block = {
    ...{ ssrc: mediaSsrc, fractionLost: 0, cumulativeLost: 0, highestSequence: 0 },
    ...{ jitter: 0, lastSr: 0, delaySinceLastSr: 0 },
  };
  const referenceTime = { seconds: 0x01020304, fraction: 0x05060708 };
  const extended = buildExtendedReport(77, { referenceTime });
  await expect
    .poll(() => {
      viewer.tracks[0]?.send(Buffer.concat([buildReceiverReport(77, [block]), extended]));
      return rtcpOf(viewer).flatMap((packet) =>
        packet.type === 'extendedReport' ? packet.echoes : [],
      );
    }, patience)
    .toContainEqual({ ssrc: 77, lastRr: 0x03040506, delaySinceLastRr: 0 });
  const others = (viewer.packets[0] ?? []).filter(
    (packet) => !isRtcp(packet) && readSsrc(packet) !== mediaSsrc,
  );
  expect(others).toEqual([]);
});
