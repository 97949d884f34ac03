import type { Socket } from 'node:net';
import { LocalFrameReader } from './framing.ts';

/** Hands every whole frame of a socket on, as a view that is good until the call returns; broken framing ends it. */
export function readLocalFrames(
  socket: Socket,
  onFrame: (type: number, payload: Buffer) => void,
): void {
  const reader = new LocalFrameReader(onFrame);
  socket.on('data', (chunk) => {
    try {
      reader.push(chunk);
    } catch (error) {
      // A broken framing cannot be resynchronised; anything else is our own bug and must show.
      if (!(error instanceof RangeError)) throw error;
      socket.destroy();
    }
  });
  // `close` follows and does the work.
  socket.on('error', () => {});
}
