import { fileURLToPath } from 'node:url';
import type { StreamConfig } from '../config/stream-config.ts';

/** What a demuxer opens. */
export type InputSource = {
  /** Address, path or device. */
  url: string;
  /** Name of the demuxer when the address does not say it. */
  format?: string;
  /** Whether what is not read at once is late. */
  isLive: boolean;
  /** Options of protocol and demuxer. */
  options: Record<string, string>;
};

/** A silent sender is given up after this, µs. */
const silenceUs = 3_000_000;

/** Path of a local file, or undefined when the text is an address of another kind. */
export function filePathOf(url: string): string | undefined {
  if (url.startsWith('file:')) return fileURLToPath(url);
  return /^[a-z][a-z0-9+.-]+:/i.test(url) ? undefined : url;
}

/** What to open for a live stream. */
export function sourceOf(
  stream: Extract<StreamConfig, { protocol: 'normal' | 'v4l2' | 'rtsp_enc' }>,
): InputSource {
  if (stream.protocol === 'v4l2') {
    const { camera, captureWidth, captureHeight, fps } = stream;
    return {
      url: `/dev/video${camera}`,
      format: 'video4linux2',
      isLive: true,
      options: { video_size: `${captureWidth}x${captureHeight}`, framerate: `${fps}` },
    };
  }
  return addressSource(stream.url);
}

function addressSource(url: string): InputSource {
  // Pictures must not wait in the demuxer: little probing, no reordering delay.
  const live = {
    probesize: '500000',
    analyzeduration: '500000',
  };
  if (/^rtsps?:/i.test(url)) {
    const rtsp = { rtsp_transport: 'tcp', timeout: `${silenceUs}`, max_delay: '0' };
    return { url, isLive: true, options: { ...live, ...rtsp } };
  }
  return { url, isLive: true, options: { ...live, rw_timeout: `${silenceUs}` } };
}
