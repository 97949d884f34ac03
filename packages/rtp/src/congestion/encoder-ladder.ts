/** The picture that an encoder should make; `scale` multiplies width and height. */
export type EncoderSetting = { bitrateBps: number; fps: number; scale: number };

/** What the camera gives and the most that its stream may take. */
export type EncoderLadderOptions = { width: number; height: number; fps: number; maxBps: number };

type Step = { fps: number; scale: number; needsBps: number };

/** Bits per pixel at which x264 (ultrafast, zerolatency) still gives a good picture, and at which a smaller one is better. */
const goodBitsPerPixel = 0.036;
const leastBitsPerPixel = 0.024;
/** A smaller picture of the same scene holds more detail in each pixel. */
const detailPerHalving = 1.15;
const scales = [1, 3 / 4, 1 / 2, 3 / 8] as const;
/** Below this a picture moves too roughly to drive by, when the camera can do better. */
const smoothFps = 20;
const smoothFromFps = 24;
/** One frame in four is left out. */
const slowShare = 3 / 4;
/** A step up needs this much more than it takes, for this long. */
const upMargin = 1.3;
const upAfterUs = 3_000_000;
/**
 * A step is left when the rate stays this far below what it takes for so long: a short dip costs sharpness only. Another
 * size costs a key frame on top, which a link that has just narrowed carries badly.
 */
const downMargin = 0.95;
const downAfterUs = { fps: 1_000_000, scale: 3_000_000 };
/** At less than this share of what it takes the encoder cannot follow: a step is left sooner. */
const scarceShare = 0.5;
const scarceAfterUs = { fps: 300_000, scale: 1_500_000 };

/** Drives one encoder by a rate: bitrate first, then frame rate, then resolution (SPEC E1–E4). Pure. */
export class EncoderLadder {
  readonly #steps: readonly Step[];
  readonly #maxBps: number;
  #step = 0;
  /** Since when the rate has sufficed for each step with its margin; by step. */
  readonly #enoughSinceUs: (number | undefined)[];
  /** Since when it has been too little for each step, and far too little. */
  readonly #littleSinceUs: (number | undefined)[];
  readonly #scarceSinceUs: (number | undefined)[];

  constructor(options: EncoderLadderOptions) {
    this.#steps = ladder(options);
    this.#maxBps = options.maxBps;
    this.#enoughSinceUs = this.#steps.map(() => undefined);
    this.#littleSinceUs = this.#steps.map(() => undefined);
    this.#scarceSinceUs = this.#steps.map(() => undefined);
  }

  /** The setting for a rate of `bitrateBps`. Down after a second, up after 3 s of 1.3 times what the step needs. */
  update(bitrateBps: number, nowUs: number): EncoderSetting {
    const rate = Math.min(bitrateBps, this.#maxBps);
    this.#goDown(rate, nowUs);
    // Steps are tried from the best downward: a rate that has long sufficed for two steps skips the one between.
    for (let index = 0; index < this.#step; index++) {
      const needed = Math.min(upMargin * this.#needs(index), this.#maxBps);
      note(this.#enoughSinceUs, index, rate >= needed, nowUs);
      const since = this.#enoughSinceUs[index];
      if (since !== undefined && nowUs - since >= upAfterUs) this.#step = index;
    }
    const { fps, scale } = this.#steps[this.#step] as Step;
    return { bitrateBps: Math.max(0, Math.floor(rate)), fps, scale };
  }

  #goDown(rate: number, nowUs: number): void {
    for (let index = 0; index < this.#steps.length; index++) {
      const needed = this.#needs(index);
      note(this.#littleSinceUs, index, rate < downMargin * needed, nowUs);
      note(this.#scarceSinceUs, index, rate < scarceShare * needed, nowUs);
    }
    while (this.#step < this.#steps.length - 1 && this.#isTooLittle(this.#step, nowUs)) {
      this.#step += 1;
      this.#enoughSinceUs[this.#step] = undefined;
    }
  }

  #isTooLittle(index: number, nowUs: number): boolean {
    const littleUs = nowUs - (this.#littleSinceUs[index] ?? nowUs);
    const scarceUs = nowUs - (this.#scarceSinceUs[index] ?? nowUs);
    const isSameSize = this.#steps[index]?.scale === this.#steps[index + 1]?.scale;
    const kind = isSameSize ? 'fps' : 'scale';
    return littleUs >= downAfterUs[kind] || scarceUs >= scarceAfterUs[kind];
  }

  #needs(index: number): number {
    return (this.#steps[index] as Step).needsBps;
  }
}

/** Keeps since when something holds. */
function note(sinceUs: (number | undefined)[], index: number, holds: boolean, nowUs: number): void {
  sinceUs[index] = holds ? (sinceUs[index] ?? nowUs) : undefined;
}

/** Full, then fewer frames, then ever smaller pictures of those fewer frames. */
function ladder({ width, height, fps, maxBps }: EncoderLadderOptions): Step[] {
  const slow = fps * slowShare;
  const reduced = fps >= smoothFromFps ? Math.max(smoothFps, slow) : slow;
  const full = { fps, scale: 1, needsBps: width * height * fps * goodBitsPerPixel };
  const smaller = scales.map((scale) => {
    const detail = detailPerHalving ** (-2 * Math.log2(scale));
    const pixels = width * height * scale * scale * detail;
    return { fps: reduced, scale, needsBps: pixels * reduced * leastBitsPerPixel };
  });
  // What the stream may take at most is enough for the full picture: it was configured so.
  return [full, ...smaller].map((step) => ({ ...step, needsBps: Math.min(step.needsBps, maxBps) }));
}
