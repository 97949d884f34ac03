import {
  canonicalHeaderBytes,
  isCanonical,
  PacketBuilder,
  packetizeH264,
  RepairReceiver,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from '@longreach/rtp';
import { expect, test } from 'vitest';
import { FrameParity } from './frame-parity.ts';

const builder = new PacketBuilder({ payloadType: 102, ssrc: 1, mid: '0', firstSequence: 65_533 });

function frame(captureTimeUs: number): Buffer[] {
  const slice = Buffer.from(Array.from({ length: 9000 }, (_, i) => 1 + ((i * 7) % 250)));
  return packetizeH264(
    Buffer.concat([Buffer.from([0, 0, 1, 0x41]), slice]),
    captureTimeUs,
    builder,
  );
}

test('parity follows the loss, stays within its share, and is none without loss', () => {
  const parity = new FrameParity({ fecSsrc: 9, mid: '0' });
  expect(parity.protect(frame(1e6), 1e6).length).toBeGreaterThan(0);
  parity.knowsLoss = true;
  expect(parity.protect(frame(2e6), 2e6)).toEqual([]);
  parity.policy.handleLoss({ lossShare: 0.3, burstPackets: 1.4 }, 0);
  const made = parity.protect(frame(3e6), 3e6);
  expect(made.length).toBeGreaterThanOrEqual(4);
  parity.policy.setMaxShare(0.25);
  expect(parity.protect(frame(4e6), 4e6)).toHaveLength(2);
});

test('its packets are canonical, carry the frame’s time, and bring back what was lost', () => {
  const parity = new FrameParity({ fecSsrc: 9, mid: '0' });
  const packets = frame(5e6);
  const made = parity.protect(packets, 5e6);
  const repair = new RepairReceiver();
  for (const packet of packets.slice(made.length)) {
    const payload = packet.subarray(canonicalHeaderBytes);
    repair.handleMedia(readSequence(packet), readTimestamp(packet), readMarker(packet), payload, 0);
  }
  const back = made.flatMap((packet) => {
    expect([isCanonical(packet), readPayloadType(packet), readSsrc(packet)]).toEqual([
      true,
      104,
      9,
    ]);
    expect(readTimestamp(packet)).toBe(readTimestamp(packets[0] as Buffer));
    return repair.handleFec(packet.subarray(canonicalHeaderBytes), readTimestamp(packet), 0);
  });
  expect(back.map(({ sequence }) => sequence).sort()).toEqual(
    packets
      .slice(0, made.length)
      .map((packet) => readSequence(packet))
      .sort(),
  );
});

test('a probe is filled with further parity of the newest frame', () => {
  const parity = new FrameParity({ fecSsrc: 9, mid: '0' });
  expect(parity.more(5000)).toEqual([]);
  const first = parity.protect(frame(6e6), 6e6);
  const more = parity.more(5000);
  const bytes = more.reduce((sum, packet) => sum + packet.length, 0);
  expect(bytes).toBeGreaterThanOrEqual(5000);
  expect(bytes).toBeLessThan(6500);
  expect(more.map((packet) => packet[canonicalHeaderBytes])).toEqual(
    more.map((_, i) => first.length + i),
  );
});
