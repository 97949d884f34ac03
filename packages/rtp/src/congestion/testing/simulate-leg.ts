import { parseRtcp } from '../../rtcp.ts';
import { ArrivalLog } from '../arrival-log.ts';
import { CongestionController } from '../congestion-controller.ts';
import { SeededRandom } from './seeded-random.ts';
import { type LinkOptions, SimulatedLink } from './simulated-link.ts';

/** A video sender, a network and a receiver under virtual time. */
export type LegOptions = {
  seed?: number;
  seconds: number;
  forward: LinkOptions;
  /** Default: the forward delay and loss, nothing else. */
  backward?: LinkOptions;
  /** The most the encoder makes. Default 2.5 Mbit/s. */
  applicationBps?: number;
  startBps?: number;
  maxBps?: number;
  minBps?: number;
  /** Repairs added to the media, as a share of it. */
  redundancy?: number;
  /** Feedback as browsers give it: every 100 ms, each arrival told once. */
  isBrowser?: boolean;
  /** Offset of the receiver's clock and its drift. */
  clockOffsetUs?: number;
  clockDrift?: number;
  /** Packets of one frame leave so many times as fast as the target; 0 = all at once. */
  pacing?: number;
};

/** The state at one moment, every 10 ms. */
export type LegMoment = {
  atUs: number;
  targetBps: number;
  isStarved: boolean;
  lossShare: number;
  burstPackets: number;
  queueDelayUs: number;
  roundTripUs: number;
};

/** What a run showed. */
export type LegRun = {
  moments: LegMoment[];
  /** One for each packet that arrived: when it was sent, when it came, how long it queued. */
  arrivals: { sentUs: number; arrivedUs: number; queuedUs: number; bytes: number }[];
  sentBytes: number;
  probeBytes: number;
  dropped: number;
};

const frameUs = 1e6 / 29.97;
const packetBytes = 1_200;
const momentUs = 10_000;
const tickUs = 5_000;

/** Runs a 30 fps source whose encoder follows the target within one frame. */
export function simulateLeg(options: LegOptions): LegRun {
  return new LegSimulation(options).run();
}

class LegSimulation {
  readonly #options: LegOptions;
  readonly #random: SeededRandom;
  readonly #forward: SimulatedLink<{ sequence: number; sentUs: number; bytes: number }>;
  readonly #backward: SimulatedLink<Uint8Array>;
  readonly #log: ArrivalLog;
  readonly #controller: CongestionController;
  readonly #paced: { bytes: number; atUs: number }[] = [];
  readonly #run: LegRun = { moments: [], arrivals: [], sentBytes: 0, probeBytes: 0, dropped: 0 };
  #sequence = 65_000;
  #pacedUntilUs = 0;

  constructor(options: LegOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed ?? 1);
    const { delayUs, loss } = options.forward;
    const backward = { ...(delayUs === undefined ? {} : { delayUs }), loss: loss ?? 0 };
    this.#forward = new SimulatedLink(options.forward, this.#random);
    this.#backward = new SimulatedLink(options.backward ?? backward, this.#random);
    this.#log = new ArrivalLog(options.isBrowser ? { intervalUs: 100_000, repeated: 0 } : {});
    this.#controller = new CongestionController({
      minBps: options.minBps ?? 150_000,
      maxBps: options.maxBps ?? 8_000_000,
      startBps: options.startBps ?? 1_000_000,
    });
  }

  run(): LegRun {
    const endUs = this.#options.seconds * 1e6;
    let frameAtUs = 1_000;
    let tickAtUs = 0;
    let momentAtUs = 0;
    for (let nowUs = 0; nowUs < endUs; ) {
      this.#forward.advance(nowUs, (packet, queuedUs) => this.#arrive(packet, queuedUs, nowUs));
      this.#backward.advance(nowUs, (bytes) => this.#feedBack(bytes, nowUs));
      if (nowUs >= frameAtUs) {
        this.#sendFrame(nowUs);
        frameAtUs += frameUs;
      }
      this.#sendPaced(nowUs);
      if (nowUs >= tickAtUs) {
        this.#controller.tick(nowUs);
        tickAtUs += tickUs;
      }
      this.#giveFeedback(nowUs);
      if (nowUs >= momentAtUs) {
        this.#run.moments.push(this.#moment(nowUs));
        momentAtUs += momentUs;
      }
      nowUs = Math.max(
        nowUs + 1,
        Math.min(
          ...[frameAtUs, tickAtUs, momentAtUs, this.#forward.nextUs, this.#backward.nextUs],
          this.#paced[0]?.atUs ?? endUs,
          this.#receiverDueUs(),
        ),
      );
    }
    this.#run.dropped = this.#forward.dropped;
    return this.#run;
  }

  #sendFrame(nowUs: number): void {
    const { applicationBps = 2_500_000, redundancy = 0, pacing = 0 } = this.#options;
    const controller = this.#controller;
    const mediaBps = Math.min(applicationBps, controller.targetBps / (1 + redundancy));
    const noise = 0.8 + 0.4 * this.#random.next();
    let bytes = Math.ceil((mediaBps * (1 + redundancy) * noise * frameUs) / 8e6);
    if (controller.isStarved) bytes = 300;
    const probe = controller.takeProbeBytes(nowUs);
    this.#run.probeBytes += probe;
    bytes += probe;
    const spacing = pacing === 0 ? 0 : 8e6 / (pacing * controller.targetBps);
    let atUs = Math.max(nowUs, this.#pacedUntilUs);
    for (let left = bytes; left > 0; left -= packetBytes) {
      const size = Math.min(left, packetBytes);
      this.#paced.push({ bytes: size, atUs });
      atUs += size * spacing;
    }
    this.#pacedUntilUs = atUs;
  }

  #sendPaced(nowUs: number): void {
    while ((this.#paced[0]?.atUs ?? Number.POSITIVE_INFINITY) <= nowUs) {
      const { bytes } = this.#paced.shift() as { bytes: number };
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#controller.handleSent(this.#sequence, bytes, nowUs);
      this.#run.sentBytes += bytes;
      this.#forward.send({ sequence: this.#sequence, sentUs: nowUs, bytes }, bytes, nowUs);
    }
  }

  #arrive(
    packet: { sequence: number; sentUs: number; bytes: number },
    queuedUs: number,
    nowUs: number,
  ): void {
    const { sequence, sentUs, bytes } = packet;
    this.#log.handlePacket(sequence, this.#receiverUs(nowUs));
    this.#run.arrivals.push({ sentUs, arrivedUs: nowUs, queuedUs, bytes });
  }

  #giveFeedback(nowUs: number): void {
    for (;;) {
      const feedback = this.#log.takeFeedback(this.#receiverUs(nowUs), 1, 2);
      if (feedback === undefined) return;
      this.#backward.send(feedback, feedback.length, nowUs);
    }
  }

  #feedBack(bytes: Uint8Array, nowUs: number): void {
    for (const packet of parseRtcp(bytes)) {
      if (packet.type === 'transportFeedback') this.#controller.handleFeedback(packet, nowUs);
    }
  }

  #moment(atUs: number): LegMoment {
    const { targetBps, isStarved, lossShare, burstPackets, queueDelayUs, roundTripUs } =
      this.#controller;
    return { atUs, targetBps, isStarved, lossShare, burstPackets, queueDelayUs, roundTripUs };
  }

  #receiverUs(nowUs: number): number {
    const { clockOffsetUs = 7e9, clockDrift = 0 } = this.#options;
    return nowUs * (1 + clockDrift) + clockOffsetUs;
  }

  #receiverDueUs(): number {
    const dueUs = this.#log.nextDeadlineUs;
    if (dueUs === undefined) return Number.POSITIVE_INFINITY;
    const { clockOffsetUs = 7e9, clockDrift = 0 } = this.#options;
    return Math.ceil((dueUs - clockOffsetUs) / (1 + clockDrift)) + 1;
  }
}
