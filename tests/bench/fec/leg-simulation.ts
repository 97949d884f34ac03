import {
  ArrivalLog,
  CongestionController,
  encodeFec,
  FrameProtector,
  KeyFrameRequests,
  parseRtcp,
  RedundancyPolicy,
} from '@longreach/rtp';
import { seededRandom } from '../../support/seeded-random.ts';
import { FrameWatch, type ViewFigures } from './frame-watch.ts';
import { LossyPath, type PathLoss } from './lossy-path.ts';
import { BlockReceiver, type LegReceiver, WindowReceiver } from './receivers.ts';
import { VirtualClock } from './virtual-clock.ts';

/** One leg to simulate. `code`: Reed-Solomon over a frame, a code over the last 3 frames, or requests alone. */
export type LegOptions = {
  code: 'block' | 'window' | 'none';
  loss: PathLoss;
  rttMs: number;
  seconds: number;
  seed: number;
};

/** What was seen on the leg. */
export type LegFigures = ViewFigures & {
  overheadPct: number;
  parityPct: number;
  repeatsPct: number;
  givenUp: number;
  keyFrames: number;
  /** Recovered packets that differ from what was sent. */
  wrong: number;
};

type SentPacket = {
  sequence: number;
  timestamp: number;
  marker: boolean;
  payload: Uint8Array;
  frame: number;
  isKey: boolean;
  repeatedUs: number;
};

const frameUs = 1e6 / 30;
const [framePackets, keyFramePackets, payloadBytes] = [10, 40, 1100];
/** Packets leave so long after each other. */
const spacingUs = 150;
const headerBytes = 36;
/** Requests for one packet within this time are one. */
const repeatGapUs = 5_000;
const windowFrames = 3;

/** A 30 fps stream over one leg, in virtual time. */
export class LegSimulation {
  readonly #options: LegOptions;
  readonly #clock = new VirtualClock();
  readonly #watch = new FrameWatch();
  readonly #random: () => number;
  readonly #forth: LossyPath;
  readonly #back: LossyPath;
  readonly #controller = new CongestionController({ minBps: 1e5, maxBps: 1e8, startBps: 2e7 });
  readonly #arrivals = new ArrivalLog();
  readonly #protector = new FrameProtector();
  readonly #policy = new RedundancyPolicy();
  readonly #keyFrames = new KeyFrameRequests();
  readonly #receiver: LegReceiver;
  readonly #sent: SentPacket[] = [];
  readonly #frameStarts: number[] = [];
  #transportSequence = 0;
  #isKeyWanted = true;
  #timerUs = Number.POSITIVE_INFINITY;
  #freeUs = 0;
  #mixed = 0;
  readonly #bytes = { media: 0, parity: 0, repeats: 0 };
  #keyFrameCount = 0;
  #wrong = 0;

  constructor(options: LegOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    const delayUs = options.rttMs * 500;
    this.#forth = new LossyPath(this.#clock, delayUs, options.loss, this.#random);
    this.#back = new LossyPath(this.#clock, delayUs, options.loss, this.#random);
    this.#receiver = options.code === 'window' ? new WindowReceiver() : new BlockReceiver();
    this.#receiver.setRoundTripUs(options.rttMs * 1000);
  }

  /** Runs to the end and gives the figures. */
  run(): LegFigures {
    const endUs = this.#options.seconds * 1e6;
    this.#keyFrames.handleWish(0);
    for (let frame = 0; frame * frameUs < endUs; frame++) {
      this.#clock.at(frame * frameUs, () => this.#sendFrame(frame));
    }
    for (let atUs = 0; atUs < endUs; atUs += 5_000) this.#clock.at(atUs, () => this.#tick());
    this.#clock.runUntil(endUs);
    const { media, parity, repeats } = this.#bytes;
    return {
      ...this.#watch.figures(endUs),
      overheadPct: ((parity + repeats) / media) * 100,
      parityPct: (parity / media) * 100,
      repeatsPct: (repeats / media) * 100,
      givenUp: this.#receiver.givenUp,
      keyFrames: this.#keyFrameCount,
      wrong: this.#wrong,
    };
  }

  #sendFrame(frame: number): void {
    const isKey = this.#isKeyWanted;
    this.#isKeyWanted = false;
    if (isKey) this.#keyFrameCount += 1;
    const packets = isKey ? keyFramePackets : framePackets;
    this.#watch.addFrame(this.#clock.nowUs, packets, isKey);
    this.#frameStarts.push(this.#sent.length);
    const timestamp = Math.round(frame * 3000);
    this.#freeUs = this.#clock.nowUs;
    for (let i = 0; i < packets; i++) {
      const marker = i === packets - 1;
      const payload = new Uint8Array(marker ? payloadBytes / 2 : payloadBytes);
      for (let at = 0; at < payload.length; at += 7) payload[at] = this.#random() * 256;
      const sequence = this.#sent.length;
      const packet = { sequence, timestamp, marker, payload, frame, isKey, repeatedUs: 0 };
      this.#sent.push(packet);
      this.#sendMedia(packet, 'media');
      const wire = sequence & 0xffff;
      const blocks = this.#protector.handlePacket(wire, timestamp, marker, payload);
      if (this.#options.code === 'block') this.#sendParity(blocks, timestamp);
      if (this.#options.code === 'window' && marker) this.#sendMixed(packets);
    }
  }

  #sendParity(blocks: ReturnType<FrameProtector['handlePacket']>, timestamp: number): void {
    for (const block of blocks) {
      const count = this.#policy.parityFor(block.length);
      for (const fec of encodeFec(block, { first: 0, count, announced: count }, 0)) {
        this.#transmit('parity', fec.length, () => {
          const nowUs = this.#clock.nowUs;
          this.#arrived(this.#receiver.handleParity?.(fec, timestamp, nowUs) ?? []);
        });
      }
    }
  }

  /** As much parity as the block code would have, but over the last frames; a key frame needs none before it. */
  #sendMixed(packets: number): void {
    const last = this.#sent.length - 1;
    let first = this.#frameStarts.at(-1) as number;
    for (let back = 1; back <= windowFrames; back++) {
      first = this.#frameStarts.at(-back) ?? 0;
      if (this.#sent[first]?.isKey) break;
    }
    for (let i = this.#policy.parityFor(packets); i > 0; i--) {
      const mixed = { id: this.#mixed++, first, last };
      this.#transmit('parity', payloadBytes + 8, () => {
        this.#arrived(this.#receiver.handleMixed?.(mixed, this.#clock.nowUs) ?? []);
      });
    }
  }

  #sendMedia(packet: SentPacket, kind: 'media' | 'repeats'): void {
    const { sequence, timestamp, marker, payload, frame, isKey } = packet;
    this.#transmit(kind, payload.length, () => {
      const nowUs = this.#clock.nowUs;
      const wire = sequence & 0xffff;
      const recovered = this.#receiver.handleMedia(wire, timestamp, marker, payload, nowUs);
      const isNew = !this.#receiver.wasDuplicate;
      if (isNew) this.#watch.handlePacket(frame, nowUs);
      if (isNew && isKey) this.#handleKeyPacket(sequence);
      this.#arrived(recovered);
    });
  }

  #transmit(kind: 'media' | 'parity' | 'repeats', bytes: number, arrive: () => void): void {
    this.#bytes[kind] += bytes + headerBytes;
    this.#freeUs = Math.max(this.#freeUs + spacingUs, this.#clock.nowUs);
    this.#clock.at(this.#freeUs, () => {
      const transport = this.#transportSequence++ & 0xffff;
      this.#controller.handleSent(transport, bytes + headerBytes, this.#clock.nowUs);
      this.#forth.send(() => {
        this.#arrivals.handlePacket(transport, this.#clock.nowUs);
        arrive();
        this.#ask();
      });
    });
  }

  /** Packets that were computed: compares them with what was sent. */
  #arrived(recovered: readonly { sequence: number; payload?: Uint8Array }[]): void {
    for (const { sequence, payload } of recovered) {
      const behind = ((this.#sent.length - 1 - sequence) & 0xffff) + 1;
      const packet = this.#sent[this.#sent.length - behind] as SentPacket;
      if (payload && Buffer.compare(payload, packet.payload) !== 0) this.#wrong += 1;
      this.#watch.handlePacket(packet.frame, this.#clock.nowUs);
      if (packet.isKey) this.#handleKeyPacket(packet.sequence);
    }
  }

  #handleKeyPacket(sequence: number): void {
    if (this.#frameStarts[(this.#sent[sequence] as SentPacket).frame] !== sequence) return;
    this.#receiver.handleKeyFrameStart(sequence & 0xffff);
    this.#keyFrames.handleKeyFrame();
  }

  #ask(): void {
    const nowUs = this.#clock.nowUs;
    const wanted = this.#receiver.takeDue(nowUs);
    if (wanted.length > 0) this.#back.send(() => this.#repeat(wanted));
    if (this.#receiver.takeKeyFrameNeeded()) this.#keyFrames.handleWish(nowUs);
    if (this.#keyFrames.takeDue(nowUs)) {
      this.#back.send(() => {
        this.#isKeyWanted = true;
      });
    }
    const nextUs = this.#receiver.nextDeadlineUs ?? Number.POSITIVE_INFINITY;
    if (nextUs >= this.#timerUs || nextUs === Number.POSITIVE_INFINITY) return;
    this.#timerUs = nextUs;
    this.#clock.at(nextUs, () => {
      this.#timerUs = Number.POSITIVE_INFINITY;
      this.#ask();
    });
  }

  #repeat(wanted: readonly number[]): void {
    const nowUs = this.#clock.nowUs;
    const newest = this.#sent.length - 1;
    const granted = wanted
      .map((wire) => this.#sent[newest - ((newest - wire) & 0xffff)])
      .filter((packet) => packet !== undefined && nowUs - packet.repeatedUs >= repeatGapUs);
    for (let copy = 0; copy < this.#policy.copies; copy++) {
      for (const packet of granted as SentPacket[]) {
        packet.repeatedUs = nowUs;
        this.#sendMedia(packet, 'repeats');
      }
    }
  }

  #tick(): void {
    const nowUs = this.#clock.nowUs;
    this.#ask();
    this.#controller.tick(nowUs);
    for (;;) {
      const feedback = this.#arrivals.takeFeedback(nowUs, 1, 2);
      if (feedback === undefined) return;
      this.#back.send(() => this.#handleFeedback(feedback));
    }
  }

  #handleFeedback(bytes: Uint8Array): void {
    const nowUs = this.#clock.nowUs;
    for (const packet of parseRtcp(Buffer.from(bytes))) {
      if (packet.type !== 'transportFeedback') continue;
      this.#controller.handleFeedback(packet, nowUs);
    }
    this.#policy.setRoundTripUs(this.#options.rttMs * 1000);
    const { lossShare, burstPackets } = this.#controller;
    this.#policy.handleLoss({ lossShare, burstPackets }, nowUs);
  }
}
