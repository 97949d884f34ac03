import type { OnEventAutoplayResponse } from '@longreach/protocol';
import { toError } from '../errors.ts';
import type { MqttWatch } from '../signaling/mqtt-watch.ts';
import { autoplayEvent } from './autoplay-event.ts';

/** What was asked for, and the error it met; without one, whether it can be asked for now is looked at. */
export type WantedTracks = { deviceId: string; streams: readonly number[]; error?: unknown };

/** The public events for pictures that cannot play, or have to wait, because of MQTT; none in private mode. */
export function unplayableTracks(
  mqtt: Pick<MqttWatch, 'state' | 'autoplayCodeOf'> | undefined,
  { deviceId, streams, error }: WantedTracks,
): OnEventAutoplayResponse[] {
  const code = mqtt?.autoplayCodeOf(error);
  if (code === undefined) return [];
  const message = error === undefined ? `MQTT is ${mqtt?.state}` : toError(error).message;
  return streams.map((streamId) =>
    autoplayEvent(deviceId, { streamId, mediaType: 'video', code, message }, undefined),
  );
}
