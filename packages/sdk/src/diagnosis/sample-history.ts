import type { StreamSample } from '@longreach/telemetry/diagnosis';

/** Samples kept of each stream: a minute at two seconds. */
const maxSamples = 30;
/** Streams of which samples are kept. */
const maxStreams = 16;

/** The last minute of each stream. Pure. */
export class SampleHistory {
  readonly #streams = new Map<number, StreamSample[]>();

  add(streamId: number, sample: StreamSample): void {
    const samples = this.#streams.get(streamId) ?? [];
    samples.push(sample);
    if (samples.length > maxSamples) samples.shift();
    this.#streams.set(streamId, samples);
    const [oldest] = this.#streams.keys();
    if (this.#streams.size > maxStreams && oldest !== undefined) this.#streams.delete(oldest);
  }

  /** Samples that ended at `sinceMs` or later, of every stream that has such. */
  since(sinceMs: number): Array<{ streamId: number; samples: StreamSample[] }> {
    return [...this.#streams]
      .map(([streamId, samples]) => {
        return { streamId, samples: samples.filter(({ atMs }) => atMs >= sinceMs) };
      })
      .filter(({ samples }) => samples.length > 0)
      .sort((one, other) => one.streamId - other.streamId);
  }
}
