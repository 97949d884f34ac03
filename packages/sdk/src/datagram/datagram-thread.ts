import type {
  FromDatagramWorker,
  PageMessage,
  ToDatagramWorker,
  WorkerMessage,
} from './datagram-messages.ts';
import { createPictureTrack } from './datagram-support.ts';
import type { TransformSide } from './transform-side.ts';

/** What a connection hears of the worker. */
export type ThreadHandlers = {
  onMessage(message: WorkerMessage): void;
  /** The worker did not start or broke. */
  onBroken(reason: string): void;
};

/** One connection's line to the worker. */
export type ThreadLine = {
  tell(message: PageMessage, transfer?: Transferable[]): void;
  transform(side: TransformSide['side']): RTCRtpScriptTransform;
  /** What the slots at `place` of all connections are shown in. */
  screen(place: number): MediaStream;
  /** Idempotent. */
  close(): void;
};

type Running = { worker: Worker; screens: MediaStream[] };

/**
 * The worker of the datagram player: one for all connections of a session, so that an element keeps its stream when
 * one connection replaces another. It runs while any connection uses it.
 */
export class DatagramThread {
  readonly #lines = new Map<number, ThreadHandlers>();
  #running: Running | undefined;
  #lastId = 0;

  /** Throws what the browser throws. */
  open(handlers: ThreadHandlers): ThreadLine {
    const running = this.#running ?? this.#start();
    const connection = ++this.#lastId;
    this.#lines.set(connection, handlers);
    const tell = (message: PageMessage, transfer: Transferable[] = []) => {
      if (!this.#lines.has(connection)) return;
      post(running, { type: 'connection', connection, message }, transfer);
    };
    return {
      tell,
      transform: (side) =>
        new RTCRtpScriptTransform(running.worker, { connection, side } satisfies TransformSide),
      screen: (place) => screenOf(running, place),
      close: () => {
        tell({ type: 'close' });
        this.#lines.delete(connection);
        if (this.#lines.size === 0) this.#stop();
      },
    };
  }

  #start(): Running {
    const worker = new Worker(new URL('./datagram-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FromDatagramWorker>) =>
      this.#lines.get(data.connection)?.onMessage(data.message);
    worker.onerror = (event) => {
      for (const handlers of [...this.#lines.values()]) {
        handlers.onBroken(`worker: ${event.message ?? 'did not start'}`);
      }
    };
    this.#running = { worker, screens: [] };
    return this.#running;
  }

  #stop(): void {
    this.#running?.worker.terminate();
    for (const screen of this.#running?.screens ?? []) {
      for (const track of screen.getTracks()) track.stop();
    }
    this.#running = undefined;
  }
}

function screenOf(running: Running, place: number): MediaStream {
  const present = running.screens[place];
  if (present) return present;
  const track = createPictureTrack();
  const { writable: pictures } = track;
  post(running, { type: 'screen', place, pictures }, [pictures]);
  const screen = new MediaStream([track]);
  running.screens[place] = screen;
  return screen;
}

function post({ worker }: Running, message: ToDatagramWorker, transfer: Transferable[]): void {
  worker.postMessage(message, transfer);
}
