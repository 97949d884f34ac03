import { ArrivalLog } from '@longreach/rtp';
import { reporterSsrc } from './source-repair.ts';

/** Between two feedbacks, µs: the sooner a machine knows of a narrower link, the less has to wait before it. */
const intervalUs = 12_000;
/** Feedback packets that one look may give: each holds hundreds of arrivals. */
const maxPacketsAtOnce = 8;

/** Tells a machine which of its packets arrived when (transport-wide feedback), on the m-line of one of its tracks. */
export class ArrivalFeedback {
  readonly #log = new ArrivalLog({ intervalUs });
  readonly #mediaSsrc: number;
  readonly #sendRtcp: (packet: Uint8Array) => boolean;

  /** `mediaSsrc`: one of the machine's own, by which its library finds the m-line. */
  constructor(mediaSsrc: number, sendRtcp: (packet: Uint8Array) => boolean) {
    this.#mediaSsrc = mediaSsrc;
    this.#sendRtcp = sendRtcp;
  }

  /** A packet arrived. */
  handlePacket(transportSequence: number, nowUs: number): void {
    this.#log.handlePacket(transportSequence, nowUs);
  }

  /** Sends what is due; to be called after packets and every few milliseconds. */
  tick(nowUs: number): void {
    const dueUs = this.#log.nextDeadlineUs;
    if (dueUs === undefined || nowUs < dueUs) return;
    for (let i = 0; i < maxPacketsAtOnce; i++) {
      const packet = this.#log.takeFeedback(nowUs, reporterSsrc, this.#mediaSsrc);
      if (packet === undefined) return;
      this.#sendRtcp(packet);
    }
  }
}
