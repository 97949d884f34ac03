import type { Encoding } from '@longreach/protocol';

/** One encoded frame on its way from the media process to the transport. */
export type EncodedFrame = {
  streamId: number;
  mediaType: 'video' | 'audio';
  /** Which of the stream's encodings; absent = main. */
  encoding?: Encoding;
  key: boolean;
  /** When the picture was taken (before drawing and encoding), machine clock, µs. */
  captureTimeUs: number;
  /** When the encoder handed it over, machine clock, µs. */
  encodedTimeUs: number;
  /** H.264 in Annex B, or one Opus packet. */
  data: Uint8Array;
};

const headerBytes = 20;
const twoTo32 = 2 ** 32;

/** Payload of a local frame of type `encodedFrame`. */
export function encodeEncodedFrame(frame: EncodedFrame): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes + frame.data.length);
  bytes[0] = frame.streamId;
  bytes[1] = frame.mediaType === 'video' ? 0 : 1;
  bytes[2] = frame.key ? 1 : 0;
  bytes[3] = frame.encoding === 'small' ? 1 : 0;
  writeTimeUs(bytes, 4, frame.captureTimeUs);
  writeTimeUs(bytes, 12, frame.encodedTimeUs);
  bytes.set(frame.data, headerBytes);
  return bytes;
}

/** Reads such a payload; `data` is a view of it. Throws RangeError when it is too short. */
export function decodeEncodedFrame(bytes: Buffer): EncodedFrame {
  if (bytes.length < headerBytes) throw new RangeError('an encoded frame is cut short');
  return {
    streamId: bytes[0] as number,
    mediaType: bytes[1] === 0 ? 'video' : 'audio',
    ...(bytes[3] === 1 ? { encoding: 'small' } : {}),
    key: bytes[2] === 1,
    captureTimeUs: readTimeUs(bytes, 4),
    encodedTimeUs: readTimeUs(bytes, 12),
    data: bytes.subarray(headerBytes),
  };
}

/** Writes a µs time as 64 bits, big-endian. */
export function writeTimeUs(bytes: Buffer, at: number, timeUs: number): void {
  bytes.writeUInt32BE(Math.floor(timeUs / twoTo32), at);
  bytes.writeUInt32BE(Math.floor(timeUs % twoTo32), at + 4);
}

/** Reads a µs time of 64 bits, big-endian. */
export function readTimeUs(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * twoTo32 + bytes.readUInt32BE(at + 4);
}
