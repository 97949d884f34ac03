import type { AutoplayCode, MediaType, OnEventAutoplayResponse } from '@longreach/protocol';
import { identityOf } from './monitors.ts';

/** What became of playing one track. */
export type AutoplayResult = {
  streamId: number;
  mediaType: MediaType;
  code: AutoplayCode;
  message: string;
};

/** The public event for it. */
export function autoplayEvent(
  deviceId: string,
  result: AutoplayResult,
  element: HTMLVideoElement | undefined,
): OnEventAutoplayResponse {
  const size = element?.videoWidth
    ? { videoWidth: element.videoWidth, videoHeight: element.videoHeight }
    : {};
  const identity = identityOf(deviceId, result.streamId, result.mediaType);
  const data = { ...identity, ...result, ...size, fieldDeviceId: deviceId };
  return { type: 'autoplay', data };
}
