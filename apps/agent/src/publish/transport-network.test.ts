import {
  buildPli,
  canonicalHeaderBytes,
  isRtcp,
  type RecoveredPacket,
  RepairReceiver,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from '@longreach/rtp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { machineClock } from '../local/machine-clock.ts';
import type { AnsweringWorker } from './testing/answering-worker.ts';
import type { LocalServer } from './testing/local-server.ts';
import type { SignalingServer } from './testing/signaling-server.ts';
import { accessUnit, TransportRig } from './testing/transport-rig.ts';

const encodings = [
  {
    streamId: 0,
    width: 1280,
    height: 720,
    fps: 30,
    bitrateBps: 2_500_000,
    minBitrateBps: 1_000_000,
    isAdaptive: true,
  },
];

let rig: TransportRig;
let server: SignalingServer;
let media: LocalServer;

beforeEach(async () => {
  rig = await TransportRig.open(48_343);
  ({ server, media } = rig);
});

afterEach(() => rig.close());

const wireTime = { timeout: 3000, interval: 10 };

test('what the network loses comes back as parity that holds the lost packets', async () => {
  rig.start({ encodings });
  await rig.connected();
  const worker = server.worker as AnsweringWorker;
  const { primary, fec } = rig.ssrcOf('0');
  let count = 0;
  worker.givesFeedback = true;
  worker.loses = () => ++count % 4 === 0;
  const repair = new RepairReceiver();
  let read = 0;
  const recovered: RecoveredPacket[] = [];
  const stopCamera = rig.runCamera(0, 6000);
  try {
    await expect
      .poll(() => {
        for (; read < worker.packets.length; read++) {
          const packet = worker.packets[read] as Buffer;
          if (isRtcp(packet)) continue;
          const payload = packet.subarray(canonicalHeaderBytes);
          const [timestamp, nowUs] = [readTimestamp(packet), machineClock.nowUs()];
          if (readSsrc(packet) === fec) {
            expect(readPayloadType(packet)).toBe(104);
            recovered.push(...repair.handleFec(payload, timestamp, nowUs));
          } else if (readSsrc(packet) === primary) {
            const [sequence, marker] = [readSequence(packet), readMarker(packet)];
            recovered.push(...repair.handleMedia(sequence, timestamp, marker, payload, nowUs));
          }
        }
        return recovered.length;
      }, wireTime)
      .toBeGreaterThan(20);
  } finally {
    stopCamera();
  }
  const { sentBytes, path } = rig.transport?.stats() ?? {};
  expect(path?.lossShare).toBeGreaterThan(0.1);
  expect(sentBytes?.parity).toBeGreaterThan(0);
});

test('encoders start low, reach their rate on a good link, and follow what the master takes', async () => {
  rig.start({ encodings });
  await rig.connected();
  const worker = server.worker as AnsweringWorker;
  worker.givesFeedback = true;
  await server.ask('invite', { streamId: 0, mediaType: 'video', active: true });
  const orders = () =>
    (media.messages as Array<{ type: string; bitrateBps: number }>).filter(
      ({ type }) => type === 'encodeParameters',
    );
  await expect.poll(() => orders().length, wireTime).toBe(1);
  expect((media.messages[0] as { type: string }).type).toBe('encodeParameters');
  expect(orders()[0]?.bitrateBps).toBeLessThan(1_500_000);
  const stopCamera = rig.runCamera(0, () => (orders().at(-1)?.bitrateBps ?? 0) / 8 / 30);
  try {
    const rateTime = { timeout: 15_000, interval: 20 };
    await expect.poll(() => orders().at(-1)?.bitrateBps, rateTime).toBe(2_500_000);
    worker.limit(1_680_000);
    await expect.poll(() => orders().at(-1)?.bitrateBps, wireTime).toBeCloseTo(1_500_000, -2);
    expect(server.bodies('streamRate')).toEqual([]);
    worker.limit(500_000);
    await expect.poll(() => orders().at(-1)?.bitrateBps, wireTime).toBeCloseTo(1_000_000, -2);
    await expect
      .poll(() => server.bodies('streamRate'), { ...wireTime, timeout: 6000 })
      .toMatchObject([{ deviceId: 'truck-1', streamId: 0, state: 'belowMinimum' }]);
  } finally {
    stopCamera();
  }
});

test('a server that gives no feedback gets the configured rate', async () => {
  rig.start({ encodings });
  await rig.connected();
  await server.ask('invite', { streamId: 0, mediaType: 'video', active: true });
  const stopCamera = rig.runCamera(0, 3000);
  try {
    await expect
      .poll(() => media.messages, { ...wireTime, timeout: 6000 })
      .toContainEqual(expect.objectContaining({ type: 'encodeParameters', bitrateBps: 2_500_000 }));
  } finally {
    stopCamera();
  }
});

test('the small encoding is ordered and sent only on invite, under its own m-line', async () => {
  rig.start({ encodings });
  await rig.connected();
  expect(server.bodies('offer')[0]).toMatchObject({
    slots: expect.arrayContaining([
      { mid: 's0', streamId: 0, mediaType: 'video', encoding: 'small' },
    ]),
  });
  const invite = { streamId: 0, mediaType: 'video', active: true, encoding: 'small' };
  expect(await server.ask('invite', invite)).toMatchObject({ code: 0 });
  await expect.poll(() => media.messages, wireTime).toContainEqual({ type: 'produce', ...invite });
  expect(media.messages[0]).toMatchObject({
    type: 'encodeParameters',
    encoding: 'small',
    bitrateBps: 500_000,
  });
  rig.produce(0, machineClock.nowUs(), accessUnit(3000), true, 'small');
  const { primary } = rig.ssrcOf('s0');
  await expect.poll(() => server.worker?.rtpOf(primary).length, wireTime).toBeGreaterThan(2);
  expect(server.worker?.rtpOf(rig.ssrcOf('0').primary)).toEqual([]);
  server.worker?.tracks.get('s0')?.send(buildPli(1, primary));
  await expect
    .poll(() => media.messages, wireTime)
    .toContainEqual({ type: 'keyFrame', streamId: 0, encoding: 'small' });
});
