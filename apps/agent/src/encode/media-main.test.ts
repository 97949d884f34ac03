import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PictureDecoder } from '../capture/picture-decoder.ts';
import { planesOf } from '../capture/picture-frame.ts';
import { readStamp, stampClockOf, stampGeometryOf } from '../capture/stamp.ts';
import type { StreamConfig } from '../config/stream-config.ts';
import {
  decodeEncodedFrame,
  type EncodedFrame,
  encodeEncodedFrame,
} from '../local/encoded-frame.ts';
import { encodeLocalFrame, LocalFrame, LocalFrameReader } from '../local/framing.ts';
import type { InputNotice, MediaNotice, MediaRequest } from '../local/messages.ts';
import type { MediaStats } from '../statistics/media-stats.ts';

const encoded = { width: 640, height: 360, fps: 30, bitrateBps: 800_000, minBitrateBps: 0 };
const streams: StreamConfig[] = [
  { protocol: 'simulator', camera: 0, ...encoded },
  { protocol: 'simulator', camera: 3, ...encoded },
  { protocol: 'normal', url: '/does/not/exist.mp4', ...encoded },
];

/** The transport's end of the socket. */
class Transport {
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();
  frames: EncodedFrame[] = [];
  notices: InputNotice[] = [];
  stats: MediaStats[] = [];

  constructor(path: string) {
    this.#socket = createConnection(path);
    const reader = new LocalFrameReader((type, payload) => {
      if (type === LocalFrame.json) this.#handleNotice(JSON.parse(payload.toString()));
      else this.frames.push(decodeEncodedFrame(Buffer.from(payload)));
      for (const wake of this.#waiting) wake();
    });
    this.#socket.on('data', (chunk) => reader.push(chunk));
  }

  order(request: MediaRequest): void {
    const payload = Buffer.from(JSON.stringify(request));
    this.#socket.write(encodeLocalFrame(LocalFrame.json, payload));
  }

  produce(streamId: number, mediaType: 'video' | 'audio', active: boolean): void {
    this.order({ type: 'produce', streamId, mediaType, active });
  }

  send(frame: EncodedFrame): void {
    this.#socket.write(encodeLocalFrame(LocalFrame.encodedFrame, encodeEncodedFrame(frame)));
  }

  /** Waits until what arrived fulfils the condition. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  #handleNotice(notice: MediaNotice): void {
    if (notice.type === 'mediaStats') this.stats.push(notice);
    else this.notices.push(notice);
  }

  of(streamId: number, mediaType: 'video' | 'audio' = 'video'): EncodedFrame[] {
    return this.frames.filter((f) => f.streamId === streamId && f.mediaType === mediaType);
  }

  close(): void {
    this.#socket.destroy();
  }
}

let runtimeDir: string;
let media: ChildProcess;
let transport: Transport;

beforeAll(async () => {
  runtimeDir = await mkdtemp(join(tmpdir(), 'longreach-media-'));
  media = fork(fileURLToPath(new URL('media-main.ts', import.meta.url)), [], { execArgv: [] });
  media.send({ runtimeDir, streams, stamp: true });
  await once(media, 'message');
  transport = new Transport(join(runtimeDir, 'media.sock'));
}, 20_000);

afterAll(async () => {
  transport?.close();
  if (media && media.exitCode === null) {
    const exit = once(media, 'exit');
    if (media.connected) media.disconnect();
    await exit;
  }
  await rm(runtimeDir, { recursive: true, force: true });
});

describe('media process', () => {
  it('gives nothing before it is asked, then a key frame first and capture times that only grow', async () => {
    expect(transport.frames).toEqual([]);
    transport.produce(0, 'video', true);
    await transport.until(() => transport.of(0).length >= 20);
    const frames = transport.of(0);
    expect(frames.map(({ key }) => key)).toEqual(frames.map((_, i) => i === 0));
    frames.forEach((frame, i) => {
      expect(frame.encodedTimeUs).toBeGreaterThan(frame.captureTimeUs);
      const before = frames[i - 1];
      if (before) expect(frame.captureTimeUs).toBeGreaterThan(before.captureTimeUs);
    });
    expect(transport.of(1)).toEqual([]);
    expect(transport.notices).toContainEqual({
      type: 'inputState',
      streamId: 0,
      state: 'running',
      message: '',
    });
  });

  it('stamps each picture with its capture time and a counter', async () => {
    const decoder = await PictureDecoder.openH264();
    const read: unknown[] = [];
    for (const { data } of transport.of(0)) {
      decoder.decodeBytes(data, (frame) => {
        const { y, strideY } = planesOf(frame);
        read.push(readStamp((px, py) => y[py * strideY + px] ?? 0, stampGeometryOf(640)));
      });
    }
    decoder.close();
    expect(read).toEqual(
      transport
        .of(0)
        .map(({ captureTimeUs }, frame) => ({ frame, clock: stampClockOf(captureTimeUs) })),
    );
  });

  it('gives a key frame on request', async () => {
    const before = transport.of(0).length;
    transport.order({ type: 'keyFrame', streamId: 0 });
    await transport.until(() =>
      transport
        .of(0)
        .slice(before)
        .some(({ key }) => key),
    );
    expect(
      transport
        .of(0)
        .slice(before)
        .filter(({ key }) => key),
    ).toHaveLength(1);
  });

  it('changes the frame rate while it runs', async () => {
    transport.order({ type: 'encodeParameters', streamId: 0, fps: 10, bitrateBps: 300_000 });
    const from = transport.of(0).length + 2;
    await transport.until(() => transport.of(0).length >= from + 4);
    const [first, , , last] = transport.of(0).slice(from);
    const spanUs = (last?.captureTimeUs ?? 0) - (first?.captureTimeUs ?? 0);
    expect(spanUs).toBeGreaterThan(250_000);
    transport.order({ type: 'encodeParameters', streamId: 0, fps: 30 });
  });

  it('says what it did since it was asked last', async () => {
    transport.order({ type: 'encodeParameters', streamId: 0, fps: 30, bitrateBps: 800_000 });
    transport.order({ type: 'takeStats' });
    await transport.until(() => transport.stats.length === 1);
    const from = transport.of(0).length;
    transport.order({ type: 'keyFrame', streamId: 0 });
    await transport.until(() => transport.of(0).length >= from + 60);
    transport.order({ type: 'takeStats' });
    await transport.until(() => transport.stats.length === 2);
    const [watched, unwatched, broken] = transport.stats[1]?.streams ?? [];
    expect(watched?.capture?.targetFps).toBe(30);
    expect(watched?.capture?.fps).toBeGreaterThan(20);
    expect(watched?.capture?.longestGapMs).toBeGreaterThan(30);
    expect(watched?.capture?.preparationMeanMs).toBeGreaterThan(0);
    const [main] = watched?.encodings ?? [];
    expect(main?.encode).toMatchObject({ encoder: 'libx264', width: 640, height: 360 });
    expect(main?.encode).toMatchObject({ keyFrames: 1, untakenPictures: 0 });
    expect(main?.encode.meanMs).toBeGreaterThan(0.1);
    expect(main?.encode.p95Ms).toBeGreaterThan(0.1);
    // Bytes of the same pictures, but for those under way at either end.
    const bytes = transport
      .of(0)
      .slice(from)
      .reduce((sum, { data }) => sum + data.length, 0);
    const bits = (main?.encode.bitrateBps ?? 0) * (60 / (main?.encode.fps ?? 1));
    expect(bits / 8 / bytes).toBeGreaterThan(0.8);
    expect(bits / 8 / bytes).toBeLessThan(1.2);
    expect(unwatched).toEqual({ streamId: 1, encodings: [] });
    expect(broken).toEqual({ streamId: 2, encodings: [] });
    expect(transport.stats[1]?.loopBusyShare).toBeGreaterThan(0);
  });

  it('makes the small encoding beside the main one only while it is wanted, half the size', async () => {
    expect(transport.frames.every(({ encoding }) => encoding === undefined)).toBe(true);
    const small = () => transport.of(0).filter(({ encoding }) => encoding === 'small');
    const main = () => transport.of(0).filter(({ encoding }) => encoding === undefined);
    const produce = {
      type: 'produce',
      streamId: 0,
      mediaType: 'video',
      encoding: 'small',
    } as const;
    transport.order({ ...produce, active: true });
    await transport.until(() => small().length >= 5);
    expect(small()[0]?.key).toBe(true);
    const before = main().length;
    transport.order({ type: 'keyFrame', streamId: 0, encoding: 'small' });
    await transport.until(() => small().filter(({ key }) => key).length === 2);
    await transport.until(() => main().length > before + 2);
    expect(
      main()
        .slice(before)
        .some(({ key }) => key),
    ).toBe(false);
    transport.order({ ...produce, active: false });
    await transport.until(() => main().length > before + 10);
    const rest = small().length;
    await transport.until(() => main().length > before + 20);
    expect(small()).toHaveLength(rest);
    const decoder = await PictureDecoder.openH264();
    const sizes: string[] = [];
    for (const { data } of small()) {
      decoder.decodeBytes(data, ({ width, height }) => sizes.push(`${width}x${height}`));
    }
    decoder.close();
    expect(new Set(sizes)).toEqual(new Set(['320x180']));
    transport.frames = transport.frames.filter(({ encoding }) => encoding !== 'small');
  });

  it('reports an input that cannot be opened while the others go on', async () => {
    const before = transport.of(0).length;
    transport.produce(2, 'video', true);
    await transport.until(() =>
      transport.notices.some((notice) => notice.streamId === 2 && notice.state === 'failed'),
    );
    await transport.until(() => transport.of(0).length > before + 2);
    expect(transport.of(2)).toEqual([]);
    // Asked again it tries again.
    const failures = () => transport.notices.filter(({ state }) => state === 'failed').length;
    const failed = failures();
    transport.produce(2, 'video', true);
    await transport.until(() => failures() > failed);
  });

  it('sends engine sound under the stream id that asked for it and takes the voice', async () => {
    transport.produce(1, 'audio', true);
    await transport.until(() => transport.of(1, 'audio').length >= 10);
    const [packet] = transport.of(1, 'audio');
    if (packet) for (let i = 0; i < 5; i++) transport.send({ ...packet, streamId: 0 });
    transport.send({ ...(packet as EncodedFrame), data: Buffer.from('no opus at all') });
    transport.produce(1, 'audio', false);
    const before = transport.of(0).length;
    await transport.until(() => transport.of(0).length > before);
    expect(media.exitCode).toBeNull();
  });

  it('stops when it is told to: whoever asks again gets a key frame first', async () => {
    transport.produce(0, 'video', false);
    await transport.until(() =>
      transport.notices.some(({ streamId, state }) => streamId === 0 && state === 'closed'),
    );
    // Another stream as the witness that time passes while this one is silent.
    transport.frames = [];
    transport.produce(1, 'video', true);
    await transport.until(() => transport.of(1).length >= 10);
    expect(transport.of(0)).toEqual([]);
    transport.produce(0, 'video', true);
    await transport.until(() => transport.of(0).length >= 2);
    expect(
      transport
        .of(0)
        .map(({ key }) => key)
        .slice(0, 2),
    ).toEqual([true, false]);
  });

  it('starts anew for the transport that takes the place of the old one', async () => {
    transport.close();
    transport = new Transport(join(runtimeDir, 'media.sock'));
    transport.produce(1, 'video', true);
    await transport.until(() => transport.of(1).length >= 3);
    expect(transport.of(1)[0]?.key).toBe(true);
    expect(transport.of(0)).toEqual([]);
  });

  it('ends when its parent is gone', async () => {
    const exit = once(media, 'exit');
    media.disconnect();
    expect(await exit).toEqual([0, null]);
  });
});
