import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { StreamConfig } from '../config/stream-config.ts';
import { machineClock } from '../local/machine-clock.ts';
import { createCourse } from '../simulator/course.ts';
import { idrUnitType, spsUnitType, unitTypesOf } from './annex-b.ts';
import { createInput } from './create-input.ts';
import { DecodedInput } from './decoded-input.ts';
import { PictureDecoder } from './picture-decoder.ts';
import { RecordedInput } from './testing/recorded-input.ts';
import { RtspServer } from './testing/rtsp-server.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

async function camera(): Promise<RtspServer> {
  const server = await RtspServer.start(320, 240);
  closing.push(() => server.close());
  return server;
}

function open(stream: StreamConfig): RecordedInput {
  const vehicleAt = () => {
    throw new Error('no vehicle');
  };
  const context = { clock: machineClock, stamp: false, vehicleAt, course: createCourse() };
  const recorded = new RecordedInput((handlers) => createInput(stream, context, handlers));
  closing.push(() => recorded.input.stop());
  recorded.input.start();
  return recorded;
}

const encoded = { width: 320, height: 240, fps: 30, bitrateBps: 500_000, minBitrateBps: 0 };

describe('normal', () => {
  it('decodes RTSP and brings it to the size that is encoded', async () => {
    const { url } = await camera();
    const seen = open({ protocol: 'normal', url, ...encoded, width: 160, height: 120 });
    await seen.until(() => seen.pictures.length >= 10);
    expect(seen.states).toEqual(['opening', 'running']);
    expect(seen.pictures[0]).toMatchObject({ width: 160, height: 120 });
    const lumas = new Set(seen.pictures.map(({ luma }) => luma));
    expect(lumas.size).toBeGreaterThan(3);
    seen.pictures.forEach(({ captureTimeUs }, i) => {
      expect(captureTimeUs).toBeGreaterThan(seen.pictures[i - 1]?.captureTimeUs ?? 0);
    });
  });

  it('connects again after the camera broke off, and says so', async () => {
    const server = await camera();
    const seen = open({ protocol: 'normal', url: server.url, ...encoded });
    await seen.until(() => seen.pictures.length >= 3);
    server.dropClients();
    await seen.until(() => seen.states.includes('reconnecting'));
    const before = seen.pictures.length;
    await seen.until(() => seen.pictures.length > before + 3);
    expect(seen.states).toEqual(['opening', 'running', 'reconnecting', 'running']);
  });

  it('leaves pictures out when fewer are wanted', async () => {
    const { url } = await camera();
    const seen = open({ protocol: 'normal', url, ...encoded, fps: 10 });
    await seen.until(() => seen.pictures.length >= 6);
    const [first, ...rest] = seen.pictures.slice(1);
    const spanUs = (rest.at(-1)?.captureTimeUs ?? 0) - (first?.captureTimeUs ?? 0);
    expect(spanUs / rest.length).toBeGreaterThan(75_000);
  });

  it('stops at once also while it is still connecting', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    closing.push(() => server.close());
    const { port } = server.address() as { port: number };
    const connection = once(server, 'connection') as Promise<[Socket]>;
    const seen = open({ protocol: 'normal', url: `rtsp://127.0.0.1:${port}/silent`, ...encoded });
    const [socket] = await connection;
    socket.resume();
    const ended = once(socket, 'close');
    seen.input.stop();
    await ended;
    expect(seen.states).toEqual(['opening']);
  });
});

describe('rtsp_enc', () => {
  it('forwards what comes, each key frame with its parameter sets', async () => {
    const server = await camera();
    const seen = open({ protocol: 'rtsp_enc', url: server.url, ...encoded });
    await seen.until(() => seen.encoded.length >= 12);
    const keys = seen.encoded.filter(({ key }) => key);
    expect(keys.length).toBeGreaterThan(0);
    for (const { data } of keys) {
      expect(unitTypesOf(data)).toContain(idrUnitType);
      expect(unitTypesOf(data)[0]).toBe(spsUnitType);
    }
    const decoder = await PictureDecoder.openH264();
    const from = seen.encoded.findIndex(({ key }) => key);
    let decoded = 0;
    for (const { data } of seen.encoded.slice(from)) decoder.decodeBytes(data, () => decoded++);
    decoder.close();
    expect(decoded).toBe(seen.encoded.length - from);
  });
});

describe('device inputs', () => {
  // No camera here: the same code on a device that FFmpeg simulates.
  it('reads a device by the name of its demuxer', async () => {
    const source = {
      url: 'testsrc=size=320x240:rate=30,realtime',
      format: 'lavfi',
      isLive: true,
      options: {},
    };
    const options = { source, ...encoded, stamp: false, clock: machineClock };
    const seen = new RecordedInput((handlers) => new DecodedInput(options, handlers));
    closing.push(() => seen.input.stop());
    seen.input.start();
    await seen.until(() => seen.pictures.length >= 5);
    expect(seen.pictures[0]).toMatchObject({ width: 320, height: 240 });
  });

  it('keeps trying when there is no such device', async () => {
    const size = { captureWidth: 640, captureHeight: 480 };
    const seen = open({ protocol: 'v4l2', camera: 255, ...size, ...encoded });
    await seen.until(() => seen.states.includes('reconnecting'));
    expect(seen.pictures).toEqual([]);
  });

  it('fails when the kind of input is not supported', () => {
    const seen = open({ protocol: 'unsupported', ...encoded });
    expect(seen.states).toEqual(['failed']);
  });
});
