import { Bottleneck } from './bottleneck.ts';
import { LinkSchedule } from './link-schedule.ts';
import {
  assertLinkSettings,
  type JitterSettings,
  type LinkSettings,
  type OutageSettings,
} from './link-settings.ts';
import { LossProcess } from './loss-process.ts';
import { derivedSeed, SeededRandom, shareOf } from './seeded-random.ts';

/** Why a link drops a packet. */
export type LinkDropCause = 'loss' | 'queue' | 'outage';

/** What becomes of a packet: dropped, or delivered at these times (µs; two of them for a duplicated one). */
export type PacketFate =
  | { kind: 'dropped'; cause: LinkDropCause }
  | { kind: 'delivered'; dueUs: readonly number[] };

const defaultQueueMs = 200;
const dropped = {
  loss: { kind: 'dropped', cause: 'loss' },
  queue: { kind: 'dropped', cause: 'queue' },
  outage: { kind: 'dropped', cause: 'outage' },
} as const;

/**
 * One direction of a link. Decides for each packet when it arrives: the queue before the link, the link's rate, loss on
 * it, delay and jitter behind it. Lost packets use up rate, as on the air. Schedules begin at `startUs`.
 */
export class LinkModel {
  readonly #loss: LossProcess;
  readonly #phaseLoss: SeededRandom;
  readonly #duplication: SeededRandom;
  readonly #duplicateShare: number;
  readonly #schedule: LinkSchedule;
  readonly #bottleneck: Bottleneck;
  readonly #outage: OutageSettings | undefined;
  readonly #delayUs: number;
  readonly #jitter: Jitter | undefined;
  readonly #startUs: number;
  #lastDueUs: number;

  /** `afterUs` = when the last packet of the link's former settings arrives: those of the new ones do not overtake it. */
  constructor(settings: LinkSettings, startUs: number, afterUs = Number.NEGATIVE_INFINITY) {
    assertLinkSettings(settings);
    const seed = settings.seed ?? 1;
    this.#loss = new LossProcess(settings.loss, derivedSeed(seed, 0));
    this.#phaseLoss = new SeededRandom(derivedSeed(seed, 1));
    this.#duplication = new SeededRandom(derivedSeed(seed, 2));
    this.#duplicateShare = settings.duplicateShare ?? 0;
    this.#schedule = new LinkSchedule(settings, startUs);
    this.#bottleneck = new Bottleneck(this.#schedule, settings.queue ?? { ms: defaultQueueMs });
    this.#outage = settings.outage;
    this.#delayUs = (settings.delayMs ?? 0) * 1000;
    this.#jitter = settings.jitter && new Jitter(settings.jitter, derivedSeed(seed, 3), startUs);
    this.#startUs = startUs;
    this.#lastDueUs = afterUs;
  }

  /** When the last packet so far arrives, µs. */
  get lastDueUs(): number {
    return this.#lastDueUs;
  }

  /** Decides about one packet of `payloadBytes`; times never go back from one call to the next. */
  handlePacket(payloadBytes: number, nowUs: number): PacketFate {
    // Every packet draws, whatever becomes of it: so the n-th draw belongs to the n-th packet in every run.
    const isLost = this.#loss.next();
    const phaseDraw = this.#phaseLoss.next();
    const isDuplicated = this.#duplication.next() < this.#duplicateShare;
    const departureUs = this.#bottleneck.handlePacket(payloadBytes, nowUs);
    if (departureUs === undefined) return dropped.queue;
    if (this.#isOut(departureUs)) return dropped.outage;
    const phase = this.#schedule.phaseAt(departureUs);
    if (isLost || phaseDraw < phase.lossShare) return dropped.loss;
    const baseUs = departureUs + this.#delayUs + phase.delayUs;
    const dueUs = [this.#arrivalUs(baseUs, departureUs)];
    if (isDuplicated) dueUs.push(this.#arrivalUs(baseUs, departureUs));
    return { kind: 'delivered', dueUs };
  }

  #arrivalUs(baseUs: number, departureUs: number): number {
    const dueUs = baseUs + (this.#jitter?.extraUs(departureUs) ?? 0);
    const lastUs = this.#lastDueUs;
    this.#lastDueUs = Math.max(lastUs, dueUs);
    return this.#jitter?.mayReorder ? dueUs : this.#lastDueUs;
  }

  #isOut(timeUs: number): boolean {
    if (!this.#outage) return false;
    const { periodMs, lengthMs, offsetMs = periodMs - lengthMs } = this.#outage;
    const sinceUs = timeUs - this.#startUs - offsetMs * 1000;
    return sinceUs >= 0 && sinceUs % (periodMs * 1000) < lengthMs * 1000;
  }
}

/** Draws the delay on top of a link's own. */
class Jitter {
  readonly mayReorder: boolean;
  readonly #maxUs: number;
  readonly #holdUs: number;
  readonly #random: SeededRandom;
  readonly #seed: number;
  readonly #startUs: number;

  constructor({ maxMs, order, holdMs = 0 }: JitterSettings, seed: number, startUs: number) {
    this.mayReorder = order === 'free';
    this.#maxUs = maxMs * 1000;
    this.#holdUs = holdMs * 1000;
    this.#random = new SeededRandom(seed);
    this.#seed = seed;
    this.#startUs = startUs;
  }

  extraUs(timeUs: number): number {
    if (this.#holdUs === 0) return this.#random.between(0, this.#maxUs);
    const slot = Math.floor((timeUs - this.#startUs) / this.#holdUs);
    return shareOf(this.#seed, slot) * this.#maxUs;
  }
}
