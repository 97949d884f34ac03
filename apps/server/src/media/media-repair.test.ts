import { createHash, randomBytes } from 'node:crypto';
import { datagramHeaderBytes, datagramPayloadTypes } from '@longreach/protocol';
import {
  buildNack,
  canonicalExtensionIds,
  canonicalHeaderBytes,
  createLeg,
  encodeFec,
  FrameProtector,
  isRtcp,
  notReceived,
  PacketBuilder,
  packetizeH264,
  parseRtcp,
  RepairReceiver,
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
  rewriteForLeg,
  TransportSequence,
  wrapRtx,
  writeTransportSequence,
} from '@longreach/rtp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NarrowViewer, outerBytes } from './testing/narrow-viewer.ts';
import {
  builderOf,
  connected,
  type End,
  feedbackLines,
  keyFrame,
  type Machine,
  rtcpOf,
  rtpOf,
  WorkerBed,
} from './testing/worker-bed.ts';

const patience = { timeout: 5_000 };
let bed: WorkerBed;
let viewers: NarrowViewer[];

beforeEach(() => {
  bed = new WorkerBed(48_303);
  viewers = [];
});

afterEach(() => {
  for (const viewer of viewers) viewer.close();
  bed.close();
});

/** A picture of about so many bytes. */
function picture(bytes: number, isKey = false): Buffer {
  const head = isKey ? keyFrame.subarray(0, -3) : Buffer.from([0, 0, 0, 1]);
  // No zeros: no start code comes by chance.
  const noise = randomBytes(bytes).map((byte) => byte | 1);
  return Buffer.concat([head, Buffer.from([isKey ? 0 : 0, 0, 0, 1, isKey ? 0x65 : 0x41]), noise]);
}

/** The first stream of a machine that loses packets, sends parity, and repeats what it is asked for. */
class LossyMachine {
  readonly payloads: Buffer[] = [];
  readonly #end: Machine;
  readonly #builder = builderOf(0, 65_500);
  readonly #fec = new PacketBuilder({ payloadType: 104, ssrc: 300, mid: '0', firstSequence: 9 });
  readonly #protector = new FrameProtector();
  readonly #sent = new Map<number, Buffer>();
  readonly #transport = new TransportSequence();
  readonly #rtxLeg = createLeg({
    payloadType: 103,
    ssrc: 200,
    mid: '0',
    extensionIds: canonicalExtensionIds,
  });
  #rtxSequence = 0;
  #timestamp = 0;
  repeated = 0;

  constructor(end: Machine) {
    this.#end = end;
    end.tracks[0]?.onPacket((bytes) => {
      end.packets[0]?.push(bytes);
      if (!isRtcp(bytes)) return;
      for (const part of parseRtcp(bytes)) if (part.type === 'nack') this.#repeat(part.sequences);
    });
  }

  /** When the next picture would be taken. */
  get nextTimestamp(): number {
    return this.#timestamp + 3_000;
  }

  send(frame: Buffer, timestamp: number, drops: (n: number) => boolean, rows = 0): void {
    const captureTimeUs = Math.ceil((timestamp * 1000) / 90);
    this.#timestamp = timestamp;
    for (const packet of packetizeH264(frame, captureTimeUs, this.#builder)) {
      const sequence = readSequence(packet);
      const payload = Buffer.from(packet.subarray(canonicalHeaderBytes));
      this.payloads.push(payload);
      this.#sent.set(sequence, Buffer.from(packet));
      if (!drops(this.payloads.length)) this.#send(packet);
      const marker = readMarker(packet);
      for (const block of this.#protector.handlePacket(sequence, timestamp, marker, payload)) {
        for (const fec of encodeFec(block, { first: 0, count: rows, announced: rows }, 0)) {
          const parity = this.#fec.build(fec.length, false, readTimestamp(packet), captureTimeUs);
          parity.set(fec, canonicalHeaderBytes);
          this.#send(parity);
        }
      }
    }
  }

  #send(packet: Buffer): void {
    writeTransportSequence(packet, this.#transport.take());
    this.#end.tracks[0]?.send(packet);
  }

  #repeat(sequences: readonly number[]): void {
    for (const sequence of sequences) {
      const packet = this.#sent.get(sequence);
      if (!packet) continue;
      const repeat = wrapRtx(Buffer.from(packet), sequence);
      rewriteForLeg(repeat, this.#rtxLeg, this.#rtxSequence++, readTimestamp(packet), 0);
      this.repeated += 1;
      this.#end.tracks[0]?.send(Buffer.from(repeat));
    }
  }
}

async function shownBy(field: Machine, viewer: End): Promise<LossyMachine> {
  const lossy = new LossyMachine(field);
  await connected(field, viewer);
  await expect
    .poll(() => {
      lossy.send(picture(100, true), 3000, () => false);
      return rtpOf(viewer).length;
    })
    .toBeGreaterThan(0);
  return lossy;
}

/** Sends so many frames in the pace of a camera. */
async function film(frames: number, send: (n: number) => void): Promise<void> {
  for (let n = 1; n <= frames; n++) {
    send(n);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** The media inside, by sequence: the first of each. */
function payloadsOf(viewer: End): Buffer[] {
  const bySequence = new Map<number, Buffer>();
  for (const packet of rtpOf(viewer)) {
    const inner = packet.subarray(outerBytes);
    if (readPayloadType(inner) !== datagramPayloadTypes.media) continue;
    const sequence = readSequence(inner);
    if (!bySequence.has(sequence)) bySequence.set(sequence, inner.subarray(datagramHeaderBytes));
  }
  return [...bySequence.values()];
}

function digest(payload: Buffer): string {
  return createHash('sha1').update(payload).digest('hex');
}

/** How many of these are not among those, byte by byte. */
function missingOf(sent: Buffer[], got: Buffer[]): number {
  const digests = new Set(got.map(digest));
  return sent.filter((payload) => !digests.has(digest(payload))).length;
}

test('what gets lost on the way from the machine comes by parity or again: a viewer gets every packet as sent', async () => {
  const field = bed.machine([...feedbackLines, 'a=rtpmap:104 longreach-fec/90000']);
  const viewer = bed.datagramViewer('op1', [0]);
  const lossy = await shownBy(field, viewer);
  const sentBefore = lossy.payloads.length;
  await film(40, (n) => lossy.send(picture(6_000), 3000 + n * 1350, (i) => i % 4 === 1, n % 2));
  const sent = lossy.payloads.slice(sentBefore);
  lossy.send(picture(10), lossy.nextTimestamp, () => false);
  await expect.poll(() => missingOf(sent, payloadsOf(viewer)), patience).toBe(0);
  expect(lossy.repeated).toBeGreaterThan(0);
  const counted = () => bed.posted.findLast((message) => message.type === 'stats')?.rooms[0];
  await expect.poll(() => counted()?.uplinks[0]?.recovered ?? 0, patience).toBeGreaterThan(0);
  expect(counted()?.uplinks[0]?.parityBytes).toBeGreaterThan(0);
  expect(counted()?.downlinks).toMatchObject([{ peerId: 'op1', parityBytes: 0, encoding: 'main' }]);
});

test('a machine without parity is repaired by repeats alone', async () => {
  const field = bed.machine();
  const viewer = bed.datagramViewer('op1', [0]);
  const lossy = await shownBy(field, viewer);
  const sentBefore = lossy.payloads.length;
  await film(20, (n) => lossy.send(picture(4_000), 3000 + n * 1350, (i) => i % 5 === 2));
  const sent = lossy.payloads.slice(sentBefore);
  lossy.send(picture(10), lossy.nextTimestamp, () => false);
  await expect.poll(() => missingOf(sent, payloadsOf(viewer)), patience).toBe(0);
});

test('the machine is told which of its packets arrived', async () => {
  const field = bed.machine(feedbackLines);
  const viewer = bed.datagramViewer('op1', [0]);
  const lossy = await shownBy(field, viewer);
  await film(10, (n) => lossy.send(picture(3_000), 3000 + n * 1350, () => false));
  const told = () => {
    const arrived = new Set<number>();
    for (const part of rtcpOf(field)) {
      if (part.type !== 'transportFeedback') continue;
      part.arrivals.forEach((arrival, i) => {
        if (arrival !== notReceived) arrived.add((part.baseSequence + i) & 0xffff);
      });
    }
    return arrived.size;
  };
  await expect.poll(told, patience).toBe(lossy.payloads.length);
});

test('a datagram player with a third of its packets lost gets parity and repeats, and every packet as sent', async () => {
  const field = bed.machine();
  const viewer = bed.datagramViewer('op1', [0]);
  const lossy = await shownBy(field, viewer);
  const repair = new RepairReceiver();
  const got: Buffer[] = [];
  const handle = (inner: Buffer, nowUs: number) => {
    const timestamp = readTimestamp(inner);
    const payload = inner.subarray(datagramHeaderBytes);
    if (readPayloadType(inner) === datagramPayloadTypes.fec) {
      for (const one of repair.handleFec(payload, timestamp, nowUs))
        got.push(Buffer.from(one.payload));
      return;
    }
    const recovered = repair.handleMedia(
      readSequence(inner),
      timestamp,
      readMarker(inner),
      payload,
      nowUs,
    );
    if (!repair.wasDuplicate) got.push(payload);
    for (const one of recovered) got.push(Buffer.from(one.payload));
  };
  const narrow = new NarrowViewer(viewer, { drops: (n) => n % 3 === 1, onPacket: handle });
  viewers.push(narrow);
  const ask = setInterval(() => {
    const due = repair.takeDue(performance.now() * 1_000);
    if (due.length > 0) viewer.channels.feedback.send(buildNack(7, 0, due));
  }, 3);
  try {
    await expect.poll(() => got.length).toBeGreaterThan(0);
    const sentBefore = lossy.payloads.length;
    await film(60, (n) => lossy.send(picture(6_000), 3000 + n * 1350, () => false));
    const sent = lossy.payloads.slice(sentBefore);
    // The last packets are missed only when something follows.
    await expect
      .poll(() => {
        lossy.send(picture(10), lossy.nextTimestamp, () => false);
        return missingOf(sent, got);
      }, patience)
      .toBe(0);
    expect(repair.stats.recovered).toBeGreaterThan(0);
    const leg = () =>
      bed.posted.findLast((message) => message.type === 'stats')?.rooms[0]?.downlinks[0];
    await expect.poll(() => leg()?.parityBytes ?? 0, patience).toBeGreaterThan(0);
    await expect.poll(() => leg()?.repeatBytes ?? 0, patience).toBeGreaterThan(0);
    expect(leg()?.estimate?.lossShare).toBeGreaterThan(0.1);
    expect(new Set(got.map(digest)).size).toBe(got.length);
  } finally {
    clearInterval(ask);
  }
});

test('hostile messages on `feedback` change nothing for anybody else and are answered in bounds', async () => {
  const field = bed.machine();
  const good = bed.datagramViewer('op1', [0]);
  const bad = bed.datagramViewer('op2', [0]);
  const lossy = await shownBy(field, good);
  await expect
    .poll(() => {
      lossy.send(picture(100, true), 3000, () => false);
      return rtpOf(bad).length;
    })
    .toBeGreaterThan(0);
  await film(5, (n) => lossy.send(picture(20_000), 3000 + n * 1350, () => false));
  const sent = lossy.payloads.slice(-20);
  await expect.poll(() => missingOf(sent, payloadsOf(bad)), patience).toBe(0);
  const goodBefore = rtpOf(good).length;
  const badBefore = rtpOf(bad).length;
  const newest = readSequence((rtpOf(bad).at(-1) as Buffer).subarray(outerBytes));
  const all = Array.from({ length: 1_000 }, (_, i) => (newest - i) & 0xffff);
  for (let i = 0; i < 500; i++) {
    bad.channels.feedback.send(randomBytes(1 + (i % 64)));
    bad.channels.feedback.send(buildNack(1, 0, all));
    bad.channels.feedback.send(buildNack(1, i, [newest]));
    bad.channels.feedback.send(Buffer.alloc(20_000, 0x81));
  }
  await expect
    .poll(() => {
      lossy.send(picture(50), 90_000, () => false);
      const inner = (rtpOf(good).at(-1) as Buffer).subarray(outerBytes);
      return readTimestamp(inner);
    })
    .toBe(90_000);
  expect(rtpOf(good).length - goodBefore).toBeLessThan(50);
  expect(rtpOf(bad).length - badBefore).toBeLessThan(4_000);
  expect(new Set(rtpOf(bad).map((packet) => readSsrc(packet.subarray(outerBytes))))).toEqual(
    new Set([0]),
  );
});
