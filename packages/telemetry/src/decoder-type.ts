import type { WebRTCStats } from '@longreach/protocol';

// Names as Chromium, Firefox and Safari report them in `decoderImplementation`.
const software = /libvpx|dav1d|ffmpeg|openh264|libaom|VpxVideoDecoder|libde265/i;
const hardware =
  /D3D1[12]|DXVA|MediaFoundation|VideoToolbox|MediaCodec|Vaapi|VDAVideo|V4L2|NVDEC|CUVID|OMX/i;

/** Whether a decoder runs on special hardware, as far as the browser tells. */
export function decoderTypeOf(
  implementation: string | undefined,
  powerEfficient: unknown,
): WebRTCStats['decoderType'] {
  if (powerEfficient === true) return 'hardware';
  if (implementation === undefined) return 'unknown';
  if (hardware.test(implementation)) return 'hardware';
  return software.test(implementation) ? 'software' : 'unknown';
}
