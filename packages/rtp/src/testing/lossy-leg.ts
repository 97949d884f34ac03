import { canonicalHeaderBytes } from '../canonical-layout.ts';
import { ArrivalLog, CongestionController } from '../congestion/index.ts';
import { encodeFec, FrameProtector, RedundancyPolicy } from '../fec/index.ts';
import { PacketBuilder } from '../packet-builder.ts';
import { FrameAssembler } from '../playout/index.ts';
import { RepairReceiver } from '../repair/index.ts';
import { parseRtcp } from '../rtcp.ts';
import { readMarker, readSequence, readTimestamp } from '../rtp-packet.ts';
import { SendHistory } from '../send-history.ts';

/** What the cores of both ends held at most so far, bytes or packets. */
export type LegHeld = { historyBytes: number; repairBytes: number; missing: number };

type Event = { atUs: number; run: (nowUs: number) => void };

const packetBytes = 1_040;
const framePackets = 10;
const keyFramePackets = 50;
const frameUs = 33_333;
const singleSlice = 0x41;
const singleIdr = 0x65;

/**
 * One leg with everything on, under virtual time: frames of H.264, parity, repeats, congestion control at the sending
 * end; repair, feedback and pictures at the receiving one. Both ways lose the same share of packets. Seeded.
 */
export class LossyLeg {
  readonly held: LegHeld = { historyBytes: 0, repairBytes: 0, missing: 0 };
  sent = 0;
  pictures = 0;
  keyFrames = 0;
  readonly #loss: number;
  readonly #oneWayUs: number;
  readonly #random: () => number;
  readonly #builder = new PacketBuilder({
    payloadType: 96,
    ssrc: 9,
    mid: '0',
    firstSequence: 65_000,
  });
  readonly #history = new SendHistory();
  readonly #protector = new FrameProtector();
  readonly #policy = new RedundancyPolicy();
  readonly #controller = new CongestionController({ minBps: 1e5, maxBps: 1e7, startBps: 4e6 });
  readonly #arrivals = new ArrivalLog();
  readonly #repair = new RepairReceiver();
  readonly #assembler = new FrameAssembler();
  /** Packets on their way, in order of arrival: each way takes the same time for all. */
  readonly #there: Event[] = [];
  readonly #back: Event[] = [];
  #transportSequence = 0;
  #frame = 0;
  #wantsKey = true;

  constructor(options: { loss: number; oneWayUs: number; seed: number }) {
    this.#loss = options.loss;
    this.#oneWayUs = options.oneWayUs;
    let state = options.seed >>> 0;
    this.#random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }

  /** Runs on until `endUs`, a millisecond at a time. */
  runUntil(endUs: number, fromUs: number): void {
    for (let nowUs = fromUs; nowUs < endUs; nowUs += 1_000) this.#step(nowUs);
  }

  #step(nowUs: number): void {
    if (nowUs >= this.#frame * frameUs) this.#sendFrame(nowUs);
    for (const way of [this.#there, this.#back]) {
      while ((way[0]?.atUs ?? Number.POSITIVE_INFINITY) <= nowUs) way.shift()?.run(nowUs);
    }
    this.#request(nowUs);
    const feedback = this.#arrivals.takeFeedback(nowUs, 1, 9);
    if (feedback) this.#answer(nowUs, (thenUs) => this.#handleFeedback(feedback, thenUs));
    this.#controller.tick(nowUs);
    this.held.missing = Math.max(this.held.missing, this.#repair.missing);
    this.held.repairBytes = Math.max(this.held.repairBytes, this.#repair.bytes);
    this.held.historyBytes = Math.max(this.held.historyBytes, this.#history.bytes);
  }

  #sendFrame(nowUs: number): void {
    this.#frame += 1;
    const isKey = this.#wantsKey;
    this.#wantsKey = false;
    if (isKey) this.keyFrames += 1;
    const count = isKey ? keyFramePackets : framePackets;
    const timestamp = (this.#frame * 3_000) >>> 0;
    for (let i = 0; i < count; i++) {
      const packet = this.#builder.build(packetBytes, i === count - 1, timestamp, nowUs);
      packet.fill(this.#frame & 0xff, canonicalHeaderBytes);
      packet[canonicalHeaderBytes] = isKey ? singleIdr : singleSlice;
      this.#history.insert(readSequence(packet), timestamp, packet, nowUs);
      this.#sendMedia(packet, nowUs);
      this.#protect(packet, timestamp, nowUs);
    }
  }

  #sendMedia(packet: Uint8Array, nowUs: number): void {
    // As off a network: memory of its own.
    this.#send(nowUs, packet.length, (thenUs) => this.#handleMedia(packet.slice(), thenUs));
  }

  #protect(packet: Uint8Array, timestamp: number, nowUs: number): void {
    const payload = packet.subarray(canonicalHeaderBytes);
    const sequence = readSequence(packet);
    const blocks = this.#protector.handlePacket(sequence, timestamp, readMarker(packet), payload);
    for (const block of blocks) {
      const count = this.#policy.parityFor(block.length);
      for (const fec of encodeFec(block, { first: 0, count, announced: count }, 0)) {
        this.#send(nowUs, fec.length, (thenUs) => {
          this.#show(this.#repair.handleFec(fec, timestamp, thenUs), thenUs);
        });
      }
    }
  }

  #send(nowUs: number, bytes: number, run: Event['run']): void {
    this.sent += 1;
    const transportSequence = this.#transportSequence;
    this.#transportSequence = (this.#transportSequence + 1) & 0xffff;
    this.#controller.handleSent(transportSequence, bytes, nowUs);
    if (this.#random() < this.#loss) return;
    const arrive = (thenUs: number) => {
      this.#arrivals.handlePacket(transportSequence, thenUs);
      run(thenUs);
    };
    this.#there.push({ atUs: nowUs + this.#oneWayUs, run: arrive });
  }

  #answer(nowUs: number, run: Event['run']): void {
    if (this.#random() >= this.#loss) this.#back.push({ atUs: nowUs + this.#oneWayUs, run });
  }

  #handleMedia(packet: Uint8Array, nowUs: number): void {
    const sequence = readSequence(packet);
    const timestamp = readTimestamp(packet);
    const marker = readMarker(packet);
    const payload = packet.subarray(canonicalHeaderBytes);
    const recovered = this.#repair.handleMedia(sequence, timestamp, marker, payload, nowUs);
    if (!this.#repair.wasDuplicate) this.#show([{ sequence, timestamp, marker, payload }], nowUs);
    this.#show(recovered, nowUs);
  }

  #show(
    packets: readonly {
      sequence: number;
      timestamp: number;
      marker: boolean;
      payload: Uint8Array;
    }[],
    nowUs: number,
  ): void {
    for (const { sequence, timestamp, marker, payload } of packets) {
      const frames = this.#assembler.handlePacket(sequence, timestamp, marker, payload, nowUs);
      this.pictures += frames.length;
      if (this.#assembler.wasKeyFrameStart) this.#repair.handleKeyFrameStart(sequence);
    }
  }

  #request(nowUs: number): void {
    const due = this.#repair.takeDue(nowUs);
    if (due.length > 0) this.#answer(nowUs, (thenUs) => this.#repeat(due, thenUs));
    const isHopeless = this.#repair.takeKeyFrameNeeded();
    if (!this.#assembler.takeKeyFrameNeeded() && !isHopeless) return;
    this.#answer(nowUs, () => {
      this.#wantsKey = true;
    });
  }

  #repeat(sequences: readonly number[], nowUs: number): void {
    for (const sequence of sequences) {
      const packet = this.#history.get(sequence, nowUs);
      for (let copy = 0; packet && copy < this.#policy.copies; copy++)
        this.#sendMedia(packet, nowUs);
    }
  }

  #handleFeedback(bytes: Uint8Array, nowUs: number): void {
    for (const packet of parseRtcp(bytes)) {
      if (packet.type === 'transportFeedback') this.#controller.handleFeedback(packet, nowUs);
    }
    const { lossShare, burstPackets, roundTripUs } = this.#controller;
    this.#policy.handleLoss({ lossShare, burstPackets }, nowUs);
    this.#policy.setRoundTripUs(roundTripUs);
    this.#repair.setRoundTripUs(2 * this.#oneWayUs);
  }
}
