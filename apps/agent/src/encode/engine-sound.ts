/** Engine sound synthesised from speed and drive. Pure: the same calls give the same samples. */

/** What the engine does while a block of samples sounds. */
export type EngineState = { speedMps: number; drive: number };

/** Samples a second. */
export const sampleRate = 48_000;
const idleHz = 38;
const hzPerMps = 11;
const hzPerDrive = 16;
/** Share of the way to the target that pitch and loudness go within one sample: no clicks. */
const glide = 0.0004;
const harmonics = [1, 0.55, 0.4, 0.22, 0.16, 0.1] as const;

/** A small combustion engine: harmonics of the firing rate, a tremor, noise of the tyres. */
export class EngineSound {
  #phase = 0;
  #hz = idleHz;
  #loudness = 0.1;
  #noise = 1;
  #rumble = 0;

  /** Fills `samples` (mono, −1 to 1) with what follows the last block. */
  render(samples: Float32Array, state: EngineState): void {
    const speed = Math.abs(state.speedMps);
    const drive = Math.min(1, Math.abs(state.drive));
    const targetHz = idleHz + speed * hzPerMps + drive * hzPerDrive;
    const targetLoudness = 0.1 + 0.12 * drive + 0.012 * speed;
    const tyres = Math.min(0.06, speed * 0.008);
    for (let i = 0; i < samples.length; i++) {
      this.#hz += (targetHz - this.#hz) * glide;
      this.#loudness += (targetLoudness - this.#loudness) * glide;
      this.#phase = (this.#phase + this.#hz / sampleRate) % 1;
      this.#noise = (this.#noise * 16807) % 2147483647;
      this.#rumble += (this.#noise / 1073741823.5 - 1 - this.#rumble) * 0.04;
      samples[i] = this.#loudness * this.#engine() + tyres * this.#rumble * 3;
    }
  }

  #engine(): number {
    let sum = 0;
    for (let k = 0; k < harmonics.length; k++) {
      sum += (harmonics[k] as number) * Math.sin(2 * Math.PI * (k + 1) * this.#phase + k);
    }
    return sum * 0.6;
  }
}
