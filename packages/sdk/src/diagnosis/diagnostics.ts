import type { StreamSample } from '@longreach/telemetry/diagnosis';
import type { ClientEvents, DiagnosisOptions } from '../api.ts';
import { invalidParameters, notConnected } from '../errors.ts';
import type { FieldSession } from '../session/field-session.ts';
import { Collector, type CollectorOptions } from './collector.ts';
import type { Diagnosis } from './diagnosis.ts';
import { QualityWatch } from './quality-watch.ts';

export type DiagnosticsOptions = Pick<
  CollectorOptions,
  'clock' | 'periodMs' | 'mode' | 'on' | 'isPageVisible'
> & {
  emit: <Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]) => void;
};

type Watched = { collector: Collector; quality: QualityWatch };

/** How far back a diagnosis looks, and how long it waits for more, ms. */
const defaults = { lookBackMs: 10_000, durationMs: 6_000 };
const limits = { lookBackMs: 60_000, durationMs: 60_000 };

/** The diagnoses of all sessions of a client. */
export class Diagnostics {
  readonly #options: DiagnosticsOptions;
  readonly #sessions = new Map<string, Watched>();

  constructor(options: DiagnosticsOptions) {
    this.#options = options;
  }

  /** From now on it is kept what this session shows. */
  begin(deviceId: string, session: FieldSession): void {
    const quality = new QualityWatch();
    const { emit, ...options } = this.#options;
    const collector = new Collector({
      ...options,
      deviceId,
      session: () => collectedOf(session),
      onSample: (streamId, sample) => this.#handleSample(deviceId, streamId, sample),
    });
    this.#sessions.set(deviceId, { collector, quality });
  }

  /** The session ended. Idempotent. */
  end(deviceId: string): void {
    this.#sessions.get(deviceId)?.collector.close();
    this.#sessions.delete(deviceId);
  }

  /** Waits for some more samples and says who is to blame. Throws UserNotJoined, InvalidParameters. */
  async run(deviceId: string, options: DiagnosisOptions = {}): Promise<Diagnosis> {
    const { lookBackMs, durationMs } = { ...defaults, ...options };
    for (const name of ['lookBackMs', 'durationMs'] as const) {
      const value = { lookBackMs, durationMs }[name];
      if (value >= 0 && value <= limits[name]) continue;
      throw invalidParameters(`${name} is from 0 to ${limits[name]} ms`);
    }
    if (!this.#sessions.has(deviceId)) throw notConnected(deviceId);
    const { clock } = this.#options;
    await new Promise<void>((resolve) => clock.after(durationMs, resolve));
    return this.#diagnose(deviceId, lookBackMs + durationMs);
  }

  async #diagnose(deviceId: string, spanMs: number): Promise<Diagnosis> {
    // The rules are needed seldom: a page that never asks does not load them.
    const { buildReport, diagnose } = await import('@longreach/telemetry/diagnosis');
    const watched = this.#sessions.get(deviceId);
    if (!watched) throw notConnected(deviceId);
    const input = watched.collector.input(spanMs);
    const verdict = diagnose(input);
    return { ...buildReport(input, verdict), verdict, streams: input.streams };
  }

  #handleSample(deviceId: string, streamId: number, sample: StreamSample): void {
    const watched = this.#sessions.get(deviceId);
    if (!watched?.quality.handleSample(streamId, sample)) return;
    const { emit } = this.#options;
    this.#diagnose(deviceId, defaults.lookBackMs).then(
      (diagnosis) => emit('diagnosed', { deviceId, diagnosis }),
      (error: Error) => emit('errorOccurred', error),
    );
  }
}

/** Undefined until it has joined. */
function collectedOf(session: FieldSession) {
  if (!session.isJoined) return undefined;
  const { media, control } = session;
  return {
    takeWatched: () => media.takeWatched(),
    connectionIds: () => media.connectionIds,
    traffic: control.traffic,
    machineOffsetMs: (nowMs: number) => {
      const machineNowUs = media.time.machineNowUs(nowMs * 1000);
      return machineNowUs === undefined ? undefined : machineNowUs / 1000 - nowMs;
    },
  };
}
