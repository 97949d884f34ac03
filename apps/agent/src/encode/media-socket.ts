import { createServer, type Server, type Socket } from 'node:net';
import {
  decodeEncodedFrame,
  type EncodedFrame,
  encodeEncodedFrame,
} from '../local/encoded-frame.ts';
import { readLocalFrames } from '../local/frame-stream.ts';
import { encodeLocalFrame, LocalFrame, readJson } from '../local/framing.ts';
import { listenLocally } from '../local/local-listener.ts';
import { type MediaNotice, type MediaRequest, mediaRequestSchema } from '../local/messages.ts';

/** Bytes that may wait for the transport; beyond, frames are dropped: a stale picture is of no use. */
const maxBufferedBytes = 256 * 1024;

/** What the transport asks for. */
export type MediaSocketHandlers = {
  onRequest: (request: MediaRequest) => void;
  /** A packet of the operator's voice; its data is good until the call returns. */
  onVoice: (frame: EncodedFrame) => void;
  onConnect: () => void;
  onDisconnect: () => void;
};

/** `media.sock`: one transport at a time, a new one takes the place of the old. */
export class MediaSocket {
  readonly #server: Server;
  readonly #handlers: MediaSocketHandlers;
  #socket: Socket | undefined;

  private constructor(server: Server, handlers: MediaSocketHandlers) {
    this.#server = server;
    this.#handlers = handlers;
    server.on('connection', (socket) => this.#handleConnection(socket));
  }

  /** Starts to listen; rejects with SocketInUse when another process does already. */
  static async listen(path: string, handlers: MediaSocketHandlers): Promise<MediaSocket> {
    const server = createServer();
    const media = new MediaSocket(server, handlers);
    await listenLocally(server, path);
    return media;
  }

  /** Sends a frame; false when nobody is there or the transport does not read fast enough. */
  sendFrame(frame: EncodedFrame): boolean {
    const socket = this.#socket;
    if (!socket || socket.writableLength > maxBufferedBytes) return false;
    socket.write(encodeLocalFrame(LocalFrame.encodedFrame, encodeEncodedFrame(frame)));
    return true;
  }

  /** Sends a notice; dropped when nobody is there or reads. */
  sendNotice(notice: MediaNotice): void {
    const socket = this.#socket;
    // Notices may wait longer than pictures, but not without end.
    if (!socket || socket.writableLength > 2 * maxBufferedBytes) return;
    const payload = Buffer.from(JSON.stringify(notice));
    socket.write(encodeLocalFrame(LocalFrame.json, payload));
  }

  /** Idempotent. */
  close(): void {
    this.#server.close();
    this.#socket?.destroy();
  }

  #handleConnection(socket: Socket): void {
    this.#dropOld();
    this.#socket = socket;
    readLocalFrames(socket, (type, payload) => {
      if (socket === this.#socket) this.#handleFrame(type, payload);
    });
    socket.on('close', () => {
      if (socket === this.#socket) this.#dropOld();
    });
    this.#handlers.onConnect();
  }

  #dropOld(): void {
    if (!this.#socket) return;
    this.#socket.destroy();
    this.#socket = undefined;
    this.#handlers.onDisconnect();
  }

  #handleFrame(type: number, payload: Buffer): void {
    if (type === LocalFrame.encodedFrame) {
      const frame = decodeEncodedFrame(payload);
      if (frame.mediaType === 'audio') this.#handlers.onVoice(frame);
    } else if (type === LocalFrame.json) {
      const request = mediaRequestSchema.safeParse(readJson(payload));
      if (request.success) this.#handlers.onRequest(request.data);
    }
  }
}
