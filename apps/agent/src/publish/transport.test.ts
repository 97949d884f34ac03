import { decodeReport, encodeCommand, noToken, noticeSchemas } from '@longreach/protocol';
import {
  buildNack,
  buildPli,
  canonicalHeaderBytes,
  isCanonical,
  isRtcp,
  parseRtcp,
  readMarker,
  readPayloadType,
  readSequence,
  readTimestamp,
  rtpTimestamp,
} from '@longreach/rtp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LocalFrame } from '../local/framing.ts';
import { machineClock } from '../local/machine-clock.ts';
import { workerAheadUs } from './testing/answering-worker.ts';
import { LocalServer } from './testing/local-server.ts';
import type { SignalingServer } from './testing/signaling-server.ts';
import { accessUnit, machineStreams as streams, TransportRig } from './testing/transport-rig.ts';

let rig: TransportRig;
let server: SignalingServer;
let guard: LocalServer;
let media: LocalServer;

beforeEach(async () => {
  rig = await TransportRig.open(48_341);
  ({ server, guard, media } = rig);
});

afterEach(() => rig.close());

const wireTime = { timeout: 3000, interval: 10 };

test('logs in, offers all streams, and a produced stream arrives as canonical RTP with its capture time', async () => {
  rig.start();
  await rig.connected();
  expect(server.bodies('login')[0]).toMatchObject({ role: 'field', deviceId: 'truck-1', streams });
  expect(server.bodies('offer')[0]).toMatchObject({
    connectionId: expect.stringMatching(/^publish/),
    slots: [
      { mid: '0', streamId: 0, mediaType: 'video' },
      { mid: '1', streamId: 3, mediaType: 'video' },
      { mid: 'a', streamId: 0, mediaType: 'audio' },
    ],
  });
  const captureTimeUs = machineClock.nowUs();
  rig.produce(3, captureTimeUs, accessUnit(30_000));
  const { primary } = rig.ssrcOf('1');
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
  rig.start();
  await rig.connected();
  rig.produce(0, machineClock.nowUs(), accessUnit(5000));
  const { primary, rtx } = rig.ssrcOf('0');
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

test('sender reports pair the wall clock with the machine clock', async () => {
  rig.start();
  await rig.connected();
  rig.produce(0, machineClock.nowUs(), accessUnit(100));
  const { primary } = rig.ssrcOf('0');
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

test('commands of both kinds reach the guard unchanged; its state goes back as reports with the clock offset', async () => {
  rig.start();
  await rig.connected();
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
  for (const label of ['control', 'command'] as const) server.worker?.send(label, stop);
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
  rig.start();
  await rig.connected();
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
  rig.start();
  await rig.connected();
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
  rig.media = await LocalServer.listen(rig.mediaSocket);
  media = rig.media;
  await expect.poll(() => media.messages, wireTime).toContainEqual(order);
});

test('tells the server what the machine, its processes and its network do, every two seconds', async () => {
  rig.start();
  await rig.connected();
  await server.ask('invite', { streamId: 3, mediaType: 'video', active: true });
  const stopCamera = rig.runCamera(3, 4000);
  const asked = () =>
    media.messages.filter((message) => (message as { type: string }).type === 'takeStats').length;
  const reports = () =>
    server.bodies('gatewayStats').map((body) => noticeSchemas.gatewayStats.parse(body));
  const processes = ['guard', 'transport'].map((name) => ({
    ...{ name, cpuCores: 0.1, rssBytes: 1000, uptimeS: 1, restarts: 0 },
  }));
  rig.transport?.handleMachineStats({ periodMs: 2000, cpuCount: 4, processes });
  const encode = {
    ...{ encoder: 'libx264', fps: 30, meanMs: 2, bitrateBps: 1_000_000, keyFrames: 0 },
    ...{ leftOutForRate: 0, leftOutForHold: 0, untakenPictures: 0 },
  };
  const capture = { targetFps: 30, fps: 30, longestGapMs: 34 };
  const made = { streamId: 3, capture, encodings: [{ encoding: 'main', encode }] };
  try {
    for (const turn of [1, 2]) {
      await expect.poll(asked, wireTime).toBe(turn);
      media.sendJson({ type: 'mediaStats', loopBusyShare: 0.25, streams: [made] });
      await expect.poll(() => reports().length, wireTime).toBe(turn);
    }
  } finally {
    stopCamera();
  }
  const [first, second] = reports().map(({ stats }) => stats);
  const apartMs = ((second?.machineTimeUs ?? 0) - (first?.machineTimeUs ?? 0)) / 1000;
  expect(apartMs).toBeGreaterThan(1500);
  expect(apartMs).toBeLessThan(3000);
  const [front, rear] = second?.streams ?? [];
  expect(front).toMatchObject({ streamId: 0, configuredWidth: 1280, encodings: [] });
  expect(rear).toMatchObject({ streamId: 3, capture, encodings: [{ encoding: 'main', encode }] });
  const { send } = rear?.encodings[0] ?? {};
  expect(send?.fps).toBeGreaterThan(5);
  // The pictures of this camera are encoded a little later than they are sent.
  expect(send).toMatchObject({ meanMs: expect.any(Number), p95Ms: expect.any(Number) });
  // Of each picture 4,000 bytes, the headers of its packets, and some parity.
  const bytesPerPicture = (send?.bitrateBps ?? 0) / 8 / (send?.fps ?? 1);
  expect(bytesPerPicture).toBeGreaterThan(4000);
  expect(bytesPerPicture).toBeLessThan(8000);
  expect(second?.paths).toMatchObject([{ state: 'connected', type: 'host', transport: 'udp' }]);
  expect(second?.paths[0]?.local).toEqual({ type: 'host', family: 'ipv4', scope: 'loopback' });
  expect(second?.paths[0]?.sentBytes.media).toBeGreaterThan(40_000);
  expect(second?.paths[0]?.outageMs).toBe(0);
  expect(second?.machine?.processes).toMatchObject([
    { name: 'guard' },
    { name: 'transport', loopBusyShare: expect.any(Number) },
  ]);
});

test('what the server sends against the schema changes nothing, and the link lives on', async () => {
  rig.start();
  await rig.connected();
  const texts = ['{', '[]', 'null', '{"v":2,"event":"alive","body":{}}', '{"v":1,"re":-1}'];
  for (const text of texts) server.sendRaw(text);
  server.notify('connectionLost', { connectionId: 5 });
  server.notify('constructor', {});
  server.worker?.send('clock', Buffer.from('nonsense'));
  server.worker?.tracks.get('0')?.send(Buffer.from([0x81, 205, 0, 9, 1, 2]));
  const invite = { streamId: 0, mediaType: 'video', active: true };
  expect(await server.ask('invite', invite)).toMatchObject({ code: 0 });
  expect(server.bodies('login')).toHaveLength(1);
  expect(server.workers).toHaveLength(1);
});

test('a dropped link resumes and the connection goes on; a server that forgot gets a login and a new offer', async () => {
  rig.start();
  await rig.connected();
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
  rig.start({ forceLogin: 0 });
  await expect.poll(() => server.bodies('login').length, wireTime).toBeGreaterThan(1);
  server.loginCode = 0;
  await rig.connected();
});

test('a silent server is left for a new link within its bound', async () => {
  rig.start();
  await rig.connected();
  server.sendsAlive = false;
  await expect.poll(() => server.bodies('resume').length, wireTime).toBeGreaterThan(0);
});

test.each([
  ['the other end closes', () => server.worker?.close()],
  ['the server says that it is lost', () => lose()],
  ['the path falls silent', () => silence()],
])('a new connection carries on after %s', async (_name, fail) => {
  rig.start();
  await rig.connected();
  await expect.poll(() => server.worker?.reports.length, wireTime).toBeGreaterThan(40);
  fail();
  await expect.poll(() => server.workers.length, wireTime).toBe(2);
  await expect.poll(() => server.worker?.reports.length, wireTime).toBeGreaterThan(0);
  const { primary } = rig.ssrcOf('0');
  rig.produce(0, machineClock.nowUs(), accessUnit(3000));
  await expect.poll(() => server.worker?.rtpOf(primary).length, wireTime).toBeGreaterThan(0);
});

function lose(): void {
  const { connectionId } = server.bodies('offer').at(-1) as { connectionId: string };
  server.notify('connectionLost', { deviceId: 'truck-1', connectionId, reason: 'worker died' });
}

function silence(): void {
  if (server.worker) server.worker.answersClock = false;
}
