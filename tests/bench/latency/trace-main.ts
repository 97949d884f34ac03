/**
 * Loaded ahead of the product's processes (`node --import`): writes down when each picture passes, by wrapping three
 * methods. A few numbers a picture are kept in memory and written down once a second.
 */
import { appendFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { type Trace, traceFolderVariable } from './trace-record.ts';

const folder = process.env[traceFolderVariable];
const program = basename(process.argv[1] ?? '', '.ts');
const writePeriodMs = 1000;
const trace: Trace = { media: [], transport: [], worker: [] };
const frontStreamId = 0;

function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000_000 + nanoseconds / 1000;
}

function writeTrace(path: string): void {
  // The worker's newest picture may still be arriving.
  const worker = trace.worker.splice(0, trace.worker.length - 1);
  const written = { media: trace.media.splice(0), transport: trace.transport.splice(0), worker };
  appendFileSync(path, `${JSON.stringify(written)}\n`);
}

async function traceMedia(): Promise<void> {
  const { H264Encoder } = await import('../../../apps/agent/src/encode/h264-encoder.ts');
  const { MediaSocket } = await import('../../../apps/agent/src/encode/media-socket.ts');
  const { encode } = H264Encoder.prototype;
  const { sendFrame } = MediaSocket.prototype;
  let drawnUs = 0;
  H264Encoder.prototype.encode = function (frame) {
    drawnUs = nowUs();
    return encode.call(this, frame);
  };
  MediaSocket.prototype.sendFrame = function (frame) {
    const wasTaken = sendFrame.call(this, frame);
    const { streamId, mediaType, captureTimeUs, encodedTimeUs, key, data } = frame;
    if (streamId === frontStreamId && mediaType === 'video') {
      trace.media.push({ captureTimeUs, drawnUs, encodedTimeUs, bytes: data.length, key });
    }
    return wasTaken;
  };
}

async function traceTransport(): Promise<void> {
  const { VideoSender } = await import('../../../apps/agent/src/publish/video-sender.ts');
  const { sendFrame } = VideoSender.prototype;
  VideoSender.prototype.sendFrame = function (frame) {
    const takenUs = nowUs();
    sendFrame.call(this, frame);
    if (frame.streamId !== frontStreamId) return;
    trace.transport.push({ captureTimeUs: frame.captureTimeUs, takenUs, sentUs: nowUs() });
  };
}

async function traceWorker(): Promise<void> {
  const { Source } = await import('../../../apps/server/src/media/source.ts');
  const { handleRtp } = Source.prototype;
  Source.prototype.handleRtp = function (bytes, arrivedUs) {
    const rtpTimestamp = bytes.readUInt32BE(4);
    handleRtp.call(this, bytes, arrivedUs);
    if (this.options.mediaType !== 'video' || this.options.streamId !== frontStreamId) return;
    const last = trace.worker.at(-1);
    if (last?.rtpTimestamp === rtpTimestamp) {
      last.lastUs = arrivedUs;
      last.forwardedUs = nowUs();
      last.packets += 1;
    } else {
      const times = { firstUs: arrivedUs, lastUs: arrivedUs, forwardedUs: nowUs() };
      trace.worker.push({ rtpTimestamp, ...times, packets: 1 });
    }
  };
}

const traced = {
  'media-main': traceMedia,
  'transport-main': traceTransport,
  'worker-main': traceWorker,
};
if (folder !== undefined && program in traced) {
  await traced[program as keyof typeof traced]();
  const path = join(folder, `${program}-${process.pid}.jsonl`);
  // Not only at the end: on a busy computer a process may be killed before it gets there.
  setInterval(() => writeTrace(path), writePeriodMs).unref();
  process.on('exit', () => writeTrace(path));
}
