/**
 * The datagram player's own thread: packets from the transforms of a session's connections, repair, decoding, pictures
 * out. The page may be as busy as it likes. Started by `datagram-thread.ts`.
 */
import type { FromDatagramWorker, ToDatagramWorker } from './datagram-messages.ts';
import { PictureTrack } from './picture-track.ts';
import type { EncodedSound } from './return-sender.ts';
import { Screen } from './screen.ts';
import type { TransformSide } from './transform-side.ts';
import { WorkerConnection } from './worker-connection.ts';

/** What of a worker's global scope is used; the project's types are those of a page. */
type WorkerScope = {
  onmessage: ((event: MessageEvent<ToDatagramWorker>) => void) | null;
  onrtctransform: ((event: RtcTransformEvent) => void) | null;
  postMessage(message: FromDatagramWorker, transfer?: Transferable[]): void;
};
type RtcTransformEvent = {
  transformer: {
    readable: ReadableStream<EncodedSound>;
    writable: WritableStream<EncodedSound>;
    options: TransformSide;
  };
};

const checkMs = 500;
/** How often the thread shows that it is alive, ms. */
const aliveMs = 50;

const scope = globalThis as unknown as WorkerScope;
const screens: Array<Screen<VideoFrame> | undefined> = [];
const connections = new Map<number, WorkerConnection>();

function connectionOf(id: number): WorkerConnection {
  const present = connections.get(id);
  if (present) return present;
  const connection = new WorkerConnection({
    id,
    screenOf: (place) => screens[place],
    post: (message, transfer) => scope.postMessage({ connection: id, message }, transfer),
  });
  connections.set(id, connection);
  return connection;
}

function addScreen(place: number, pictures: WritableStream<VideoFrame>): void {
  const track = new PictureTrack(pictures);
  screens[place] = new Screen<VideoFrame>((picture) => track.write(picture));
}

scope.onrtctransform = async ({ transformer }) => {
  const { readable, writable, options } = transformer;
  const connection = connectionOf(options.connection);
  const reader = readable.getReader();
  if (options.side === 'send') {
    const writer = writable.getWriter();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (connection.fillFrame(next.value)) writer.write(next.value).catch(() => {});
    }
    return;
  }
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    connection.handlePacket(next.value.data);
  }
};

scope.onmessage = ({ data }) => {
  if (data.type === 'screen') {
    addScreen(data.place, data.pictures);
    return;
  }
  const connection = connectionOf(data.connection);
  const { message } = data;
  switch (message.type) {
    case 'slot':
      connection.addSlot(message.place, message.minDelayMs);
      break;
    case 'message':
      connection.sendMessage(message.label, message.bytes);
      break;
    case 'returnSound':
      connection.setReturnSound(message.sound);
      break;
    case 'returnOpened':
      connection.openReturn();
      break;
    case 'askCounters':
      connection.tellCounters();
      break;
    case 'close':
      connection.close();
      connections.delete(data.connection);
  }
};

setInterval(() => {
  for (const connection of connections.values()) connection.checkPictures();
}, checkMs);

setInterval(() => {
  for (const connection of connections.values()) connection.noteAlive();
}, aliveMs);
