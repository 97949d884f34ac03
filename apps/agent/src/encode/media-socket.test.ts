import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EncodedFrame } from '../local/encoded-frame.ts';
import { encodeLocalFrame, LocalFrame } from '../local/framing.ts';
import type { MediaRequest } from '../local/messages.ts';
import { MediaSocket } from './media-socket.ts';

let directory: string;
let media: MediaSocket;
let client: Socket;
let connected: Promise<void>;
let disconnected: Promise<void>;
let requests: MediaRequest[];
let onRequest: () => void;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'longreach-socket-'));
  const path = join(directory, 'media.sock');
  const up = Promise.withResolvers<void>();
  const down = Promise.withResolvers<void>();
  connected = up.promise;
  disconnected = down.promise;
  requests = [];
  onRequest = () => {};
  media = await MediaSocket.listen(path, {
    onRequest: (request) => {
      requests.push(request);
      onRequest();
    },
    onVoice: () => {},
    onConnect: up.resolve,
    onDisconnect: down.resolve,
  });
  client = createConnection(path);
  client.on('error', () => {});
  await connected;
});
afterEach(async () => {
  client.destroy();
  media.close();
  await rm(directory, { recursive: true, force: true });
});

const frame: EncodedFrame = {
  streamId: 0,
  mediaType: 'video',
  key: false,
  captureTimeUs: 1,
  encodedTimeUs: 2,
  data: new Uint8Array(50_000),
};

describe('MediaSocket', () => {
  it('drops frames while the transport does not read, and takes them again when it does', async () => {
    client.pause();
    let taken = 0;
    while (media.sendFrame(frame)) taken++;
    expect(taken).toBeGreaterThan(2);
    expect(taken).toBeLessThan(40);
    client.resume();
    while (!media.sendFrame(frame)) await once(client, 'data');
  });

  it('ignores what is no request and lives on', async () => {
    const heard = new Promise<void>((resolve) => {
      onRequest = resolve;
    });
    for (const text of ['{', '7', '{"type":"produce"}', '{"type":"keyFrame","streamId":3}']) {
      client.write(encodeLocalFrame(LocalFrame.json, Buffer.from(text)));
    }
    await heard;
    expect(requests).toEqual([{ type: 'keyFrame', streamId: 3 }]);
  });

  it('cuts off a transport whose framing is broken', async () => {
    client.write(Buffer.alloc(64, 0xff));
    await disconnected;
    expect(media.sendFrame(frame)).toBe(false);
  });
});
