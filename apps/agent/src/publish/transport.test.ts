import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeReport,
  type Encoding,
  encodeCommand,
  noToken,
  type StreamInfo,
} from '@longreach/protocol';
import {
  buildNack,
  buildPli,
  canonicalHeaderBytes,
  isCanonical,
  isRtcp,
  parseRtcp,
  type RecoveredPacket,
  RepairReceiver,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
  rtpTimestamp,
} from '@longreach/rtp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeEncodedFrame } from '../local/encoded-frame.ts';
import { LocalFrame } from '../local/framing.ts';
import { machineClock } from '../local/machine-clock.ts';
import { silentLog } from './log.ts';
import { type AnsweringWorker, workerAheadUs } from './testing/answering-worker.ts';
import { LocalServer } from './testing/local-server.ts';
import { SignalingServer } from './testing/signaling-server.ts';
import { Transport } from './transport.ts';
import { transportOptionsSchema } from './transport-options.ts';

const workerPort = 48_341;
const streams: StreamInfo[] = [
  { streamId: 0, name: 'front', width: 1280, height: 720, fps: 30, mediaTypes: ['video', 'audio'] },
  { streamId: 3, name: 'rear', width: 640, height: 360, fps: 15, mediaTypes: ['video'] },
];
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

let runtimeDir: string;
let server: SignalingServer;
let guard: LocalServer;
let media: LocalServer;
let transport: Transport | undefined;

beforeEach(async () => {
  runtimeDir = await mkdtemp(join(tmpdir(), 'transport-test-'));
  server = await SignalingServer.listen(workerPort);
  guard = await LocalServer.listen(join(runtimeDir, 'guard.sock'));
  media = await LocalServer.listen(join(runtimeDir, 'media.sock'));
});

afterEach(async () => {
  transport?.close();
  transport = undefined;
  await Promise.all([server.close(), guard.close(), media.close()]);
  await rm(runtimeDir, { recursive: true });
});

function start(overrides: object = {}): Transport {
  const options = transportOptionsSchema.parse({
    runtimeDir,
    serverUrl: server.url,
    deviceId: 'truck-1',
    deviceName: 'Truck 1',
    deviceType: 'truck',
    secret: 'key',
    streams,
    voice: true,
    bindAddress: '127.0.0.1',
    ...overrides,
  });
  transport = new Transport(options, silentLog);
  return transport;
}

/** Everything is up: the worker hears reports, both local sockets are connected. */
async function connected(): Promise<void> {
  await expect.poll(() => server.worker?.reports.length ?? 0, { timeout: 5000 }).toBeGreaterThan(0);
  await expect.poll(() => guard.connections + media.connections).toBe(2);
}

/** A key frame: parameter sets and a slice of `bytes` that cannot look like a start code. */
function accessUnit(bytes: number, isKey = true): Buffer {
  const start = Buffer.from([0, 0, 0, 1]);
  const slice = Buffer.alloc(bytes, 0x55);
  for (let i = 1; i < bytes; i++) slice[i] = 1 + ((i * 7) % 250);
  slice[0] = isKey ? 0x65 : 0x41;
  const sets = [start, Buffer.from([0x67, 1, 2, 3]), start, Buffer.from([0x68, 4, 5])];
  return Buffer.concat([...(isKey ? sets : []), start, slice]);
}

function produce(
  streamId: number,
  captureTimeUs: number,
  data: Buffer,
  key = true,
  encoding: Encoding = 'main',
): void {
  media.send(
    LocalFrame.encodedFrame,
    encodeEncodedFrame({
      streamId,
      mediaType: 'video',
      encoding,
      key,
      captureTimeUs,
      encodedTimeUs: captureTimeUs + 3000,
      data,
    }),
  );
}

/** A picture 30 times a second; gives what ends it. */
function runCamera(streamId: number, bytes: number | (() => number)): () => void {
  let count = 0;
  const timer = setInterval(() => {
    const size = typeof bytes === 'number' ? bytes : bytes();
    produce(streamId, machineClock.nowUs(), accessUnit(size, count === 0), count === 0);
    count += 1;
  }, 33);
  return () => clearInterval(timer);
}

function ssrcOf(mid: string): { primary: number; rtx: number; fec: number } {
  const line = server.worker?.media.find((candidate) => candidate.mid === mid);
  const [primary = 0, rtx = 0, fec = 0] = line?.ssrcs ?? [];
  return { primary, rtx, fec };
}

const wireTime = { timeout: 3000, interval: 10 };

test('logs in, offers all streams, and a produced stream arrives as canonical RTP with its capture time', async () => {
  start();
  await connected();
  expect(server.bodies('login')[0]).toMatchObject({ role: 'field', deviceId: 'truck-1', streams });
  expect(server.bodies('offer')[0]).toMatchObject({
    connectionId: 'publish',
    slots: [
      { mid: '0', streamId: 0, mediaType: 'video' },
      { mid: '1', streamId: 3, mediaType: 'video' },
      { mid: 'a', streamId: 0, mediaType: 'audio' },
    ],
  });
  const captureTimeUs = machineClock.nowUs();
  produce(3, captureTimeUs, accessUnit(30_000));
  const { primary } = ssrcOf('1');
  await expect.poll(() => server.worker?.rtpOf(primary).some(readMarker), wireTime).toBe(true);
  const packets = server.worker?.rtpOf(primary) ?? [];
  expect(packets.every((packet) => isCanonical(packet) && readPayloadType(packet) === 102)).toBe(
    true,
  );
  const timestamps = new Set(packets.map(readTimestamp));
  expect([...timestamps]).toEqual([rtpTimestamp(captureTimeUs, 90_000)]);
  expect(packets.map(readMarker).indexOf(true)).toBe(packets.length - 1);
  expect(packets.length).toBeGreaterThan(27);
});

test('a NACK is answered by a retransmission that carries the original payload, a PLI by a key frame request', async () => {
  start();
  await connected();
  produce(0, machineClock.nowUs(), accessUnit(5000));
  const { primary, rtx } = ssrcOf('0');
  await expect.poll(() => server.worker?.rtpOf(primary).length, wireTime).toBeGreaterThan(3);
  const original = server.worker?.rtpOf(primary)[2] as Buffer;
  const sequence = readSequence(original);
  server.worker?.tracks.get('0')?.send(buildNack(1, primary, [sequence]));
  await expect.poll(() => server.worker?.rtpOf(rtx).length, wireTime).toBe(1);
  const repeat = server.worker?.rtpOf(rtx)[0] as Buffer;
  expect(readPayloadType(repeat)).toBe(103);
  expect(repeat.readUInt16BE(canonicalHeaderBytes)).toBe(sequence);
  expect(repeat.subarray(canonicalHeaderBytes + 2)).toEqual(
    original.subarray(canonicalHeaderBytes),
  );
  server.worker?.tracks.get('0')?.send(buildPli(1, primary));
  await expect
    .poll(() => media.messages, wireTime)
    .toContainEqual({ type: 'keyFrame', streamId: 0, encoding: 'main' });
});

test('what the network loses comes back as parity that holds the lost packets', async () => {
  start({ encodings });
  await connected();
  const worker = server.worker as AnsweringWorker;
  const { primary, fec } = ssrcOf('0');
  let count = 0;
  worker.givesFeedback = true;
  worker.loses = () => ++count % 4 === 0;
  const repair = new RepairReceiver();
  let read = 0;
  const recovered: RecoveredPacket[] = [];
  const stopCamera = runCamera(0, 6000);
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
  const { sentBytes, path } = transport?.stats() ?? {};
  expect(path?.lossShare).toBeGreaterThan(0.1);
  expect(sentBytes?.parity).toBeGreaterThan(0);
});

test('encoders start low, reach their rate on a good link, and follow what the master takes', async () => {
  start({ encodings });
  await connected();
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
  const stopCamera = runCamera(0, () => (orders().at(-1)?.bitrateBps ?? 0) / 8 / 30);
  try {
    const rateTime = { timeout: 15_000, interval: 20 };
    await expect.poll(() => orders().at(-1)?.bitrateBps, rateTime).toBe(2_500_000);
    worker.limit(1_500_000);
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
  start({ encodings });
  await connected();
  await server.ask('invite', { streamId: 0, mediaType: 'video', active: true });
  const stopCamera = runCamera(0, 3000);
  try {
    await expect
      .poll(() => media.messages, { ...wireTime, timeout: 6000 })
      .toContainEqual(expect.objectContaining({ type: 'encodeParameters', bitrateBps: 2_500_000 }));
  } finally {
    stopCamera();
  }
});

test('the small encoding is ordered and sent only on invite, under its own m-line', async () => {
  start({ encodings });
  await connected();
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
  produce(0, machineClock.nowUs(), accessUnit(3000), true, 'small');
  const { primary } = ssrcOf('s0');
  await expect.poll(() => server.worker?.rtpOf(primary).length, wireTime).toBeGreaterThan(2);
  expect(server.worker?.rtpOf(ssrcOf('0').primary)).toEqual([]);
  server.worker?.tracks.get('s0')?.send(buildPli(1, primary));
  await expect
    .poll(() => media.messages, wireTime)
    .toContainEqual({ type: 'keyFrame', streamId: 0, encoding: 'small' });
});

test('sender reports pair the wall clock with the machine clock', async () => {
  start();
  await connected();
  produce(0, machineClock.nowUs(), accessUnit(100));
  const { primary } = ssrcOf('0');
  const findReport = () =>
    (server.worker?.packets ?? [])
      .filter(isRtcp)
      .flatMap(parseRtcp)
      .find((packet) => packet.type === 'senderReport' && packet.ssrc === primary);
  await expect.poll(findReport, wireTime).toBeDefined();
  const report = findReport();
  if (report?.type !== 'senderReport') throw new Error('no sender report');
  const nowTicks = rtpTimestamp(machineClock.nowUs(), 90_000);
  expect((nowTicks - report.info.rtpTimestamp) >>> 0).toBeLessThan(3 * 90_000);
  expect(report.info.ntp.seconds - 2_208_988_800).toBeCloseTo(Date.now() / 1000, -1);
});

test('commands of both channels reach the guard unchanged; its state goes back as reports with the clock offset', async () => {
  start();
  await connected();
  expect(guard.messages[0]).toEqual({ hello: 'transport' });
  const stop = encodeCommand({
    kind: 'emergencyStop',
    sequence: 1,
    epoch: 0,
    token: noToken,
    ttlMs: 100,
    captureTimeUs: 0,
    inputTimeMs: 0,
  });
  for (const label of ['control', 'command']) server.worker?.channels.get(label)?.send(stop);
  const commands = () => guard.frames.filter(({ type }) => type === LocalFrame.command);
  await expect.poll(() => commands().length, wireTime).toBe(2);
  expect(commands().every(({ payload }) => payload.equals(stop))).toBe(true);

  const status = {
    mode: 'armed',
    epoch: 7,
    releasedSequence: 9,
    releasedCaptureTimeUs: machineClock.nowUs() - 40_000,
    released: 12,
    refused: 1,
    lastRefusal: 0,
    actuator: true,
  };
  guard.send(LocalFrame.guardStatus, Buffer.from(JSON.stringify(status)));
  const newest = () => {
    const report = decodeReport(server.worker?.reports.at(-1) ?? Buffer.alloc(0));
    return report?.kind === 'state' ? report : undefined;
  };
  await expect.poll(() => newest()?.guardMode, wireTime).toBe('armed');
  await expect.poll(() => newest()?.clockUncertaintyUs, wireTime).toBeLessThan(100_000);
  const report = newest();
  expect(report).toMatchObject({ epoch: 7, releasedSequence: 9, released: 12 });
  expect(report?.loopAgeMs).toBeGreaterThanOrEqual(40);
  const errorUs = Math.abs((report?.clockOffsetUs ?? 0) - workerAheadUs);
  expect(errorUs).toBeLessThanOrEqual((report?.clockUncertaintyUs ?? 0) + 1);
});

test('the lease is told to the server, answers permission requests, and is told again after a reconnect', async () => {
  start();
  await connected();
  const lease = { epoch: 4, masterId: 'ann', reason: 'granted', token: '00112233445566ff' };
  const answer = server.ask('permission', { remoteId: 'ann', permission: 'master' });
  await expect.poll(() => guard.messages.length, wireTime).toBe(2);
  const request = guard.messages[1] as { id: number };
  expect(request).toMatchObject({ type: 'permission', remoteId: 'ann', permission: 'master' });
  guard.sendJson({ type: 'lease', id: request.id, lease });
  expect(await answer).toMatchObject({ code: 0, body: { lease } });
  const told = { deviceId: 'truck-1', lease };
  await expect.poll(() => server.bodies('leaseChanged'), wireTime).toEqual([told]);
  server.dropLinks();
  await expect.poll(() => server.bodies('leaseChanged'), wireTime).toEqual([told, told]);
});

test('invites reach the media process, are repeated to its successor, and wrong ones get their code', async () => {
  start();
  await connected();
  const invite = { streamId: 3, mediaType: 'video', active: true };
  expect(await server.ask('invite', invite)).toMatchObject({ code: 0 });
  const order = { type: 'produce', ...invite, encoding: 'main' };
  await expect.poll(() => media.messages, wireTime).toContainEqual(order);
  expect(await server.ask('invite', { ...invite, streamId: 5 })).toMatchObject({ code: 1001 });
  expect(await server.ask('invite', { ...invite, mediaType: 'audio' })).toMatchObject({
    code: 1003,
  });
  expect(await server.ask('invite', { streamId: 3 })).toMatchObject({ code: 2002 });
  expect(await server.ask('constructor', {})).toMatchObject({ code: 2002 });
  await media.close();
  media = await LocalServer.listen(join(runtimeDir, 'media.sock'));
  await expect.poll(() => media.messages, wireTime).toContainEqual(order);
});

test('what the server sends against the schema changes nothing, and the link lives on', async () => {
  start();
  await connected();
  const texts = ['{', '[]', 'null', '{"v":2,"event":"alive","body":{}}', '{"v":1,"re":-1}'];
  for (const text of texts) server.sendRaw(text);
  server.notify('connectionLost', { connectionId: 5 });
  server.notify('constructor', {});
  server.worker?.channels.get('clock')?.send(Buffer.from('nonsense'));
  server.worker?.tracks.get('0')?.send(Buffer.from([0x81, 205, 0, 9, 1, 2]));
  const invite = { streamId: 0, mediaType: 'video', active: true };
  expect(await server.ask('invite', invite)).toMatchObject({ code: 0 });
  expect(server.bodies('login')).toHaveLength(1);
  expect(server.workers).toHaveLength(1);
});

test('a dropped link resumes and the connection goes on; a server that forgot gets a login and a new offer', async () => {
  start();
  await connected();
  server.dropLinks();
  await expect.poll(() => server.bodies('resume'), wireTime).toEqual([{ resumeToken: 'token-1' }]);
  await expect.poll(() => server.bodies('alive').length, wireTime).toBeGreaterThan(0);
  expect(server.bodies('offer')).toHaveLength(1);
  server.knowsResumeTokens = false;
  server.dropLinks();
  await expect.poll(() => server.bodies('login').length, wireTime).toBe(2);
  await expect.poll(() => server.workers.length, wireTime).toBe(2);
  await expect.poll(() => server.worker?.reports.length, wireTime).toBeGreaterThan(0);
});

test('a refused repeated login is tried again until it is accepted', async () => {
  server.loginCode = 2004;
  start({ forceLogin: 0 });
  await expect.poll(() => server.bodies('login').length, wireTime).toBeGreaterThan(1);
  server.loginCode = 0;
  await connected();
});

test('a silent server is left for a new link within its bound', async () => {
  start();
  await connected();
  server.sendsAlive = false;
  await expect.poll(() => server.bodies('resume').length, wireTime).toBeGreaterThan(0);
});

test.each([
  ['the other end closes', () => server.worker?.close()],
  ['the server says that it is lost', () => lose()],
  ['the path falls silent', () => silence()],
])('a new connection carries on after %s', async (_name, fail) => {
  start();
  await connected();
  // A notice right after a connection came up is about the one before it.
  await expect.poll(() => server.worker?.reports.length, wireTime).toBeGreaterThan(40);
  fail();
  await expect.poll(() => server.workers.length, wireTime).toBe(2);
  await expect.poll(() => server.worker?.reports.length, wireTime).toBeGreaterThan(0);
  const { primary } = ssrcOf('0');
  produce(0, machineClock.nowUs(), accessUnit(3000));
  await expect.poll(() => server.worker?.rtpOf(primary).length, wireTime).toBeGreaterThan(0);
});

function lose(): void {
  const connectionId = 'publish';
  server.notify('connectionLost', { deviceId: 'truck-1', connectionId, reason: 'worker died' });
}

function silence(): void {
  if (server.worker) server.worker.answersClock = false;
}
