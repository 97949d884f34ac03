import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Encoding, StreamInfo } from '@longreach/protocol';
import { expect } from 'vitest';
import { encodeEncodedFrame } from '../../local/encoded-frame.ts';
import { LocalFrame } from '../../local/framing.ts';
import { machineClock } from '../../local/machine-clock.ts';
import { silentLog } from '../log.ts';
import { Transport } from '../transport.ts';
import { transportOptionsSchema } from '../transport-options.ts';
import { LocalServer } from './local-server.ts';
import { SignalingServer } from './signaling-server.ts';

/** Streams of the machine under test. */
export const machineStreams: StreamInfo[] = [
  { streamId: 0, name: 'front', width: 1280, height: 720, fps: 30, mediaTypes: ['video', 'audio'] },
  { streamId: 3, name: 'rear', width: 640, height: 360, fps: 15, mediaTypes: ['video'] },
];

/** A key frame: parameter sets and a slice of `bytes` that cannot look like a start code. */
export function accessUnit(bytes: number, isKey = true): Buffer {
  const start = Buffer.from([0, 0, 0, 1]);
  const slice = Buffer.alloc(bytes, 0x55);
  for (let i = 1; i < bytes; i++) slice[i] = 1 + ((i * 7) % 250);
  slice[0] = isKey ? 0x65 : 0x41;
  const sets = [start, Buffer.from([0x67, 1, 2, 3]), start, Buffer.from([0x68, 4, 5])];
  return Buffer.concat([...(isKey ? sets : []), start, slice]);
}

/** A transport between a signaling server, a guard and a media process, all in this process. */
export class TransportRig {
  readonly server: SignalingServer;
  readonly guard: LocalServer;
  media: LocalServer;
  readonly #runtimeDir: string;
  transport: Transport | undefined;

  private constructor(
    runtimeDir: string,
    parts: { server: SignalingServer; guard: LocalServer; media: LocalServer },
  ) {
    this.#runtimeDir = runtimeDir;
    this.server = parts.server;
    this.guard = parts.guard;
    this.media = parts.media;
  }

  /** Opens everything but the transport; `workerPort` is the worker's. */
  static async open(workerPort: number): Promise<TransportRig> {
    const runtimeDir = await mkdtemp(join(tmpdir(), 'transport-test-'));
    const server = await SignalingServer.listen(workerPort);
    const guard = await LocalServer.listen(join(runtimeDir, 'guard.sock'));
    const media = await LocalServer.listen(join(runtimeDir, 'media.sock'));
    return new TransportRig(runtimeDir, { server, guard, media });
  }

  /** Where the media process listens. */
  get mediaSocket(): string {
    return join(this.#runtimeDir, 'media.sock');
  }

  /** Starts the transport. */
  start(overrides: object = {}): void {
    const options = transportOptionsSchema.parse({
      runtimeDir: this.#runtimeDir,
      serverUrl: this.server.url,
      deviceId: 'truck-1',
      deviceName: 'Truck 1',
      deviceType: 'truck',
      secret: 'key',
      streams: machineStreams,
      voice: true,
      bindAddress: '127.0.0.1',
      ...overrides,
    });
    this.transport = new Transport(options, silentLog);
  }

  /** Everything is up: the worker hears reports, both local sockets are connected. */
  async connected(): Promise<void> {
    const { server, guard, media } = this;
    await expect
      .poll(() => server.worker?.reports.length ?? 0, { timeout: 5000 })
      .toBeGreaterThan(0);
    await expect.poll(() => guard.connections + media.connections).toBe(2);
  }

  /** Gives the transport one encoded frame. */
  produce(
    streamId: number,
    captureTimeUs: number,
    data: Buffer,
    key = true,
    encoding: Encoding = 'main',
  ): void {
    const encodedTimeUs = captureTimeUs + 3000;
    const times = { captureTimeUs, encodedTimeUs };
    const frame = { streamId, mediaType: 'video' as const, encoding, key, ...times, data };
    this.media.send(LocalFrame.encodedFrame, encodeEncodedFrame(frame));
  }

  /** Gives it a picture 30 times a second; what it returns ends that. */
  runCamera(streamId: number, bytes: number | (() => number)): () => void {
    let count = 0;
    const timer = setInterval(() => {
      const size = typeof bytes === 'number' ? bytes : bytes();
      this.produce(streamId, machineClock.nowUs(), accessUnit(size, count === 0), count === 0);
      count += 1;
    }, 33);
    return () => clearInterval(timer);
  }

  /** The SSRCs that the offer names for an m-line. */
  ssrcOf(mid: string): { primary: number; rtx: number; fec: number } {
    const line = this.server.worker?.media.find((candidate) => candidate.mid === mid);
    const [primary = 0, rtx = 0, fec = 0] = line?.ssrcs ?? [];
    return { primary, rtx, fec };
  }

  async close(): Promise<void> {
    this.transport?.close();
    await Promise.all([this.server.close(), this.guard.close(), this.media.close()]);
    await rm(this.#runtimeDir, { recursive: true });
  }
}
