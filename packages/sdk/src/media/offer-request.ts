import type { RequestBody, Slot } from '@longreach/protocol';
import type { MediaConnection } from './media-connection.ts';

/** What goes into an offer besides its connection. */
export type Offered = {
  sdp: string;
  /** Wanted in each video slot. */
  streams: ReadonlyArray<number | undefined>;
  /** Whose sound is wanted, if any. */
  audioStreamId: number | undefined;
};

/** Body of the request that offers a connection. */
export function offerRequest(
  deviceId: string,
  connection: Pick<MediaConnection, 'id' | 'midOf' | 'audioMid' | 'datagram'>,
  { sdp, streams, audioStreamId }: Offered,
): RequestBody<'offer'> {
  const slots: Slot[] = [];
  streams.forEach((streamId, slot) => {
    if (streamId === undefined) return;
    slots.push({ mid: connection.midOf(slot), streamId, mediaType: 'video' });
  });
  if (audioStreamId !== undefined) {
    slots.push({ mid: connection.audioMid, streamId: audioStreamId, mediaType: 'audio' });
  }
  const { id, datagram } = connection;
  return {
    deviceId: deviceId as never,
    connectionId: id,
    sdp,
    slots,
    ...(datagram ? { datagram } : {}),
  };
}
