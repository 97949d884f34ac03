import { sequenceDistance, timestampDistance } from '../sequence-number.ts';
import type { FecSource } from './fec-packet.ts';
import { maxFecSources } from './parity-matrix.ts';

/** Bounds of a protector. */
export type FrameProtectorOptions = {
  /** Newer frames that may have begun before an incomplete one is protected as it is. Default 2. */
  framesToWait?: number;
  /** Packets of incomplete frames held at a time; the oldest frame is then protected as it is. Default 2,048. */
  maxPackets?: number;
};

type Frame = { timestamp: number; packets: FecSource[]; last: number };

const noBlocks: readonly (readonly FecSource[])[] = Object.freeze([]);
/** Places that remember which timestamp a number had: as many as could be late. */
const seenPlaces = 4096;
/** Two seconds of the video clock. */
const maxLateTicks = 180_000;

/** Collects the packets of frames on the sender's side and gives the blocks to protect (SPEC F6–F9). */
export class FrameProtector {
  readonly #framesToWait: number;
  readonly #maxPackets: number;
  /** Frames that lack packets, oldest first. */
  #frames: Frame[] = [];
  #held = 0;
  /** Sequence + 1 of the packet seen at each place (0: none), and its timestamp. */
  readonly #seen = new Uint32Array(seenPlaces);
  readonly #timestamps = new Uint32Array(seenPlaces);
  #first: number | undefined;
  /** Timestamp of the newest frame that was given out. */
  #finished: number | undefined;

  constructor(options: FrameProtectorOptions = {}) {
    this.#framesToWait = options.framesToWait ?? 2;
    this.#maxPackets = options.maxPackets ?? 2048;
  }

  /** Takes one packet and gives the blocks that it completes, each of 1 to 64 packets in a row; repeats are ignored. */
  handlePacket(
    sequence: number,
    timestamp: number,
    marker: boolean,
    payload: Uint8Array,
  ): readonly (readonly FecSource[])[] {
    const place = sequence % seenPlaces;
    if (this.#seen[place] === sequence + 1 && this.#timestamps[place] === timestamp)
      return noBlocks;
    this.#seen[place] = sequence + 1;
    this.#timestamps[place] = timestamp;
    this.#first ??= sequence;
    const packet = { sequence, marker, payload };
    const frame = this.#frameOf(timestamp);
    if (frame === undefined) return [[packet]];
    insertInOrder(frame.packets, packet);
    this.#held += 1;
    if (marker) frame.last = sequence;
    if (this.#isComplete(frame)) return this.#takeComplete(frame);
    return this.#takeOverdue();
  }

  /** The frame of a packet; undefined when it was given out already, incomplete. */
  #frameOf(timestamp: number): Frame | undefined {
    for (const frame of this.#frames) if (frame.timestamp === timestamp) return frame;
    if (this.#isFinished(timestamp)) return undefined;
    const frame = { timestamp, packets: [], last: -1 };
    let at = this.#frames.length;
    while (at > 0 && timestampDistance((this.#frames[at - 1] as Frame).timestamp, timestamp) < 0)
      at--;
    this.#frames.splice(at, 0, frame);
    return frame;
  }

  /** Everything from the packet after another frame's to the one with the marker is there. */
  #isComplete({ packets, last, timestamp }: Frame): boolean {
    const first = packets[0]?.sequence;
    if (last < 0 || first === undefined) return false;
    if (packets.length !== sequenceDistance(first, last) + 1) return false;
    if (first === this.#first) return true;
    const before = (first - 1) & 0xffff;
    const place = before % seenPlaces;
    return this.#seen[place] === before + 1 && this.#timestamps[place] !== timestamp;
  }

  /** Not newer than what was given out; far in the past is a source that began anew. */
  #isFinished(timestamp: number): boolean {
    if (this.#finished === undefined) return false;
    const behind = timestampDistance(timestamp, this.#finished);
    return behind >= 0 && behind < maxLateTicks;
  }

  #takeComplete(frame: Frame): readonly (readonly FecSource[])[] {
    this.#frames.splice(this.#frames.indexOf(frame), 1);
    return this.#release(frame);
  }

  #takeOverdue(): readonly (readonly FecSource[])[] {
    if (this.#frames.length <= this.#framesToWait && this.#held <= this.#maxPackets)
      return noBlocks;
    const oldest = this.#frames.shift();
    return oldest === undefined ? noBlocks : this.#release(oldest);
  }

  #release(frame: Frame): readonly (readonly FecSource[])[] {
    this.#held -= frame.packets.length;
    this.#first = -1;
    if (!this.#isFinished(frame.timestamp)) this.#finished = frame.timestamp;
    return consecutiveRuns(frame.packets).flatMap(splitEvenly);
  }
}

function insertInOrder(packets: FecSource[], packet: FecSource): void {
  let at = packets.length;
  while (at > 0) {
    const before = packets[at - 1] as FecSource;
    if (sequenceDistance(before.sequence, packet.sequence) > 0) break;
    at--;
  }
  if (at === packets.length) packets.push(packet);
  else packets.splice(at, 0, packet);
}

function consecutiveRuns(packets: FecSource[]): FecSource[][] {
  const runs: FecSource[][] = [];
  let start = 0;
  for (let i = 1; i <= packets.length; i++) {
    const next = packets[i];
    const before = packets[i - 1] as FecSource;
    if (next !== undefined && sequenceDistance(before.sequence, next.sequence) === 1) continue;
    runs.push(start === 0 && i === packets.length ? packets : packets.slice(start, i));
    start = i;
  }
  return runs;
}

/** Blocks of at most 64 packets whose sizes differ by one at most. */
function splitEvenly(run: FecSource[]): FecSource[][] {
  const count = Math.ceil(run.length / maxFecSources);
  if (count === 1) return [run];
  return Array.from({ length: count }, (_, i) =>
    run.slice(Math.round((i * run.length) / count), Math.round(((i + 1) * run.length) / count)),
  );
}
