import type { EncodedFrame } from '../../local/encoded-frame.ts';
import { machineClock } from '../../local/machine-clock.ts';
import type { EncodeOrder } from '../encoding-rate.ts';

/** A key frame's size, in usual frames. */
const keyFrames = 2.4;
/** From taking a picture to its encoded frame, ms. */
const encodeMs = 4;

/** An encoder that keeps to its rate: frames of the right size, with nothing in them. */
export class VirtualEncoder {
  readonly #streamId: number;
  readonly #inputFps: number;
  readonly #onFrame: (frame: EncodedFrame) => void;
  #order: Pick<EncodeOrder, 'bitrateBps' | 'fps' | 'scale' | 'keepOneIn'> = {
    bitrateBps: 1_000_000,
    fps: 30,
    scale: 1,
    keepOneIn: 1,
  };
  #wantsKey = true;
  #timer: NodeJS.Timeout | undefined;
  #startUs = 0;
  #pictures = 0;
  #skipped = 0;
  #owed = 0;

  constructor(streamId: number, inputFps: number, onFrame: (frame: EncodedFrame) => void) {
    this.#streamId = streamId;
    this.#inputFps = inputFps;
    this.#onFrame = onFrame;
  }

  start(): void {
    this.#startUs = machineClock.nowUs();
    this.#wait();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  setParameters(order: EncodeOrder): void {
    if (order.scale !== this.#order.scale) this.#wantsKey = true;
    this.#order = order;
  }

  requestKeyFrame(): void {
    this.#wantsKey = true;
  }

  #wait(): void {
    this.#pictures += 1;
    const fps = Math.min(this.#order.fps, this.#inputFps);
    const dueUs = Math.max(this.#startUs + 1_000_000 / fps, machineClock.nowUs());
    this.#startUs = dueUs;
    this.#timer = setTimeout(
      () => {
        this.#take();
        this.#wait();
      },
      Math.round((dueUs - machineClock.nowUs()) / 1000),
    );
  }

  #take(): void {
    const { keepOneIn, bitrateBps, fps } = this.#order;
    this.#skipped += 1;
    if (keepOneIn === 0 || (!this.#wantsKey && this.#skipped < keepOneIn)) return;
    this.#skipped = 0;
    const key = this.#wantsKey;
    this.#wantsKey = false;
    const mean = bitrateBps / 8 / fps;
    const share = key ? keyFrames : 0.75 + ((this.#pictures * 37) % 50) / 100 - this.#owed;
    this.#owed = Math.max(0, this.#owed + share - 1) * 0.8;
    const captureTimeUs = machineClock.nowUs();
    const data = accessUnit(Math.max(80, Math.round(mean * Math.max(0.2, share))), key);
    setTimeout(() => {
      const encodedTimeUs = machineClock.nowUs();
      const streamId = this.#streamId;
      this.#onFrame({ streamId, mediaType: 'video', key, captureTimeUs, encodedTimeUs, data });
    }, encodeMs);
  }
}

/** Parameter sets and a slice that cannot look like a start code. */
function accessUnit(bytes: number, isKey: boolean): Buffer {
  const start = Buffer.from([0, 0, 0, 1]);
  const slice = Buffer.alloc(bytes, 0x55);
  slice[0] = isKey ? 0x65 : 0x41;
  const sets = [start, Buffer.from([0x67, 1, 2, 3]), start, Buffer.from([0x68, 4, 5])];
  return Buffer.concat([...(isKey ? sets : []), start, slice]);
}
