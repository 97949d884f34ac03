import type { TrackId } from './ids.ts';

/** The id of one medium of one stream of a machine. */
export function trackIdOf(
  deviceId: string,
  streamId: number,
  mediaType: 'video' | 'audio',
): TrackId {
  return `${deviceId}:${streamId}:${mediaType}` as TrackId;
}
