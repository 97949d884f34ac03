import { KeyFrameDetector } from '../h264-key-frame.ts';
import { sequenceDistance } from '../sequence-number.ts';
import { type AccessUnit, H264Depacketizer } from './h264-depacketizer.ts';
import { PacketWindow } from './packet-window.ts';

/** A picture all of whose packets came, and whose references were given out before it. */
export type AssembledFrame = AccessUnit & {
  /** RTP timestamp. */
  timestamp: number;
  packets: number;
  /** When its first packet came, µs. */
  firstUs: number;
  /** When nothing was missing any more, neither of it nor before it, µs. */
  completeUs: number;
};

/** Packets looked back upon: 6 s of 2.5 Mbit/s. What waits longer for a hole is given up. */
const windowPackets = 2048;
/** Larger payloads than any path carries are refused: with the window they bound the memory to 4 MiB. */
const maxPayloadBytes = 2048;
/** A packet this far behind the newest comes too late for anything, or from a source that began anew. */
const farPackets = 1024;
/** Key frames that may be under way at once. */
const maxKeyFrames = 4;

type Packet = { sequence: number; timestamp: number; marker: boolean; payload: Uint8Array };
/** Packets from `start` on; all before `scan` are there and belong to one picture. */
type Run = { start: number; scan: number };

const none: readonly AssembledFrame[] = [];

/**
 * Packets of one stream in any order, some twice → whole pictures in decode order. A picture is given out only after
 * all since the last key frame were; a whole key frame overtakes what still misses something. Pure. Rules FA1 to FA9.
 */
export class FrameAssembler {
  readonly #window = new PacketWindow(windowPackets);
  readonly #depacketizer = new H264Depacketizer();
  #detector = new KeyFrameDetector();
  /** Where the next picture begins; undefined while nothing can be decoded. */
  #chain: Run | undefined;
  #keyFrames: Run[] = [];
  #keyFrameNeeded = false;
  #wasKeyFrameStart = false;
  /** Timestamp of packets that came while no key frame was under way. */
  #strayTimestamp: number | undefined;
  /** A packet from far behind: a second one beside it means that the source began anew. */
  #far: Packet | undefined;

  /** Whether the last packet was new and began a key frame. */
  get wasKeyFrameStart(): boolean {
    return this.#wasKeyFrameStart;
  }

  /** Takes one packet; gives the pictures that it makes whole. Never throws. */
  handlePacket(
    sequence: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
    nowUs: number,
  ): readonly AssembledFrame[] {
    this.#wasKeyFrameStart = false;
    if (payload.length > maxPayloadBytes) return none;
    const place = this.#window.placeOf(sequence);
    const { newest } = this.#window;
    if (newest !== undefined && place <= newest - farPackets) {
      return this.#handleFar({ sequence, timestamp, marker, payload }, nowUs);
    }
    this.#far = undefined;
    if (this.#chain && place < this.#chain.start) return none;
    if (!this.#window.insert(place, timestamp, marker, payload, nowUs)) return none;
    if (this.#detector.detect(payload)) this.#beginKeyFrame(place);
    this.#forgetPassed();
    if (!this.#chain && this.#keyFrames.length === 0) this.#noteStray(timestamp);
    return this.#takeWhole(nowUs);
  }

  /** The decoder lost its references: nothing is given out before the next key frame. */
  requireKeyFrame(): void {
    this.#chain = undefined;
    this.#keyFrameNeeded = true;
  }

  /** Whether only a key frame helps; told once. */
  takeKeyFrameNeeded(): boolean {
    const needed = this.#keyFrameNeeded;
    this.#keyFrameNeeded = false;
    return needed;
  }

  /** Two in a row that lie together: the source began anew, with these two. */
  #handleFar(packet: Packet, nowUs: number): readonly AssembledFrame[] {
    const before = this.#far;
    this.#far = packet;
    if (!before) return none;
    const apart = sequenceDistance(before.sequence, packet.sequence);
    if (apart === 0 || Math.abs(apart) >= farPackets) return none;
    this.#window.clear();
    this.#detector = new KeyFrameDetector();
    this.#keyFrames = [];
    this.requireKeyFrame();
    const frames: AssembledFrame[] = [];
    let began = false;
    for (const { sequence, timestamp, marker, payload } of [before, packet]) {
      frames.push(...this.handlePacket(sequence, timestamp, marker, payload, nowUs));
      began ||= this.#wasKeyFrameStart;
    }
    this.#wasKeyFrameStart = began;
    return frames;
  }

  #beginKeyFrame(place: number): void {
    this.#wasKeyFrameStart = true;
    this.#strayTimestamp = undefined;
    // A wish that arose before it is answered by it.
    this.#keyFrameNeeded = false;
    this.#keyFrames.push({ start: place, scan: place });
    if (this.#keyFrames.length > maxKeyFrames) this.#keyFrames.shift();
  }

  /** What the window has no room for any more will never be whole. */
  #forgetPassed(): void {
    const oldest = (this.#window.newest ?? 0) - windowPackets + 1;
    if (this.#chain && this.#chain.start < oldest) this.requireKeyFrame();
    const [first] = this.#keyFrames;
    if (first === undefined || first.start >= oldest) return;
    this.#keyFrames = this.#keyFrames.filter(({ start }) => start >= oldest);
    if (!this.#chain && this.#keyFrames.length === 0) this.#keyFrameNeeded = true;
  }

  /** One picture without its beginning may be a matter of order; when the next one begins, it is not. */
  #noteStray(timestamp: number): void {
    this.#strayTimestamp ??= timestamp;
    if (this.#strayTimestamp === timestamp) return;
    this.#strayTimestamp = timestamp;
    this.#keyFrameNeeded = true;
  }

  #takeWhole(nowUs: number): readonly AssembledFrame[] {
    let frames: AssembledFrame[] | undefined;
    for (let run = this.#wholeRun(); run; run = this.#wholeRun()) {
      const frame = this.#takeRun(run, nowUs);
      if (!frame) continue;
      frames ??= [];
      frames.push(frame);
    }
    return frames ?? none;
  }

  /** The next picture when it is whole, else a key frame that is; `scan` is past its last packet then. */
  #wholeRun(): Run | undefined {
    if (this.#chain && this.#isWhole(this.#chain)) return this.#chain;
    return this.#keyFrames.find((run) => this.#isWhole(run));
  }

  /** Each packet is looked at once for each run. */
  #isWhole(run: Run): boolean {
    const packets = this.#window;
    for (; packets.has(run.scan); run.scan++) {
      const isNext =
        run.scan > run.start && packets.timestamp(run.scan) !== packets.timestamp(run.start);
      if (isNext) return true; // the sender left the marker out
      if (!packets.isMarked(run.scan)) continue;
      run.scan++;
      return true;
    }
    return false;
  }

  #takeRun({ start, scan: end }: Run, nowUs: number): AssembledFrame | undefined {
    const packets = this.#window;
    const payloads: Uint8Array[] = [];
    let firstUs = Number.POSITIVE_INFINITY;
    for (let place = start; place < end; place++) {
      payloads.push(packets.payload(place));
      packets.release(place);
      firstUs = Math.min(firstUs, packets.arrivedUs(place));
    }
    const isInOrder = this.#chain?.start === start;
    this.#keyFrames = this.#keyFrames.filter((run) => run.start >= end);
    const unit = this.#depacketizer.assemble(payloads);
    if (!unit || (!isInOrder && !unit.key)) {
      this.requireKeyFrame();
      return undefined;
    }
    this.#chain = { start: end, scan: end };
    const timestamp = packets.timestamp(start);
    return { ...unit, timestamp, packets: end - start, firstUs, completeUs: nowUs };
  }
}
