import { ascending, quantile } from '../report.ts';

/** What a viewer sees of one leg. */
export type ViewFigures = {
  lag150Pct: number;
  latencyP50Ms: number;
  latencyP95Ms: number;
  shown: number;
};

type Frame = { capturedUs: number; isKey: boolean; packets: number; arrived: number };

const gapUs = 150_000;
/** Until then the loss is being learnt: gaps do not count. */
const warmUpUs = 3_000_000;

/** Shows each frame as soon as it and all before it are complete; a complete key frame needs none before it. */
export class FrameWatch {
  readonly #frames: Frame[] = [];
  readonly #latencies: number[] = [];
  #shown = -1;
  #shownUs: number | undefined;
  #laggedUs = 0;

  /** The sender made a frame. */
  addFrame(capturedUs: number, packets: number, isKey: boolean): void {
    this.#frames.push({ capturedUs, isKey, packets, arrived: 0 });
  }

  /** A packet of a frame is there for the first time. */
  handlePacket(frame: number, nowUs: number): void {
    const entry = this.#frames[frame] as Frame;
    entry.arrived += 1;
    if (entry.arrived < entry.packets || frame <= this.#shown) return;
    if (entry.isKey) this.#show(frame, nowUs);
    while (this.#isReady(this.#shown + 1)) this.#show(this.#shown + 1, nowUs);
  }

  /** Figures up to a time. */
  figures(endUs: number): ViewFigures {
    const openUs = endUs - (this.#shownUs ?? 0);
    const laggedUs = this.#laggedUs + (openUs > gapUs ? openUs : 0);
    const sorted = ascending(this.#latencies);
    return {
      lag150Pct: (laggedUs / (endUs - warmUpUs)) * 100,
      latencyP50Ms: quantile(sorted, 0.5) / 1000,
      latencyP95Ms: quantile(sorted, 0.95) / 1000,
      shown: sorted.length,
    };
  }

  #isReady(frame: number): boolean {
    const entry = this.#frames[frame];
    return entry !== undefined && entry.arrived >= entry.packets;
  }

  #show(frame: number, nowUs: number): void {
    const sinceUs = nowUs - (this.#shownUs ?? nowUs);
    if (sinceUs > gapUs && nowUs > warmUpUs) this.#laggedUs += sinceUs;
    this.#shown = frame;
    this.#shownUs = nowUs;
    this.#latencies.push(nowUs - (this.#frames[frame] as Frame).capturedUs);
  }
}
