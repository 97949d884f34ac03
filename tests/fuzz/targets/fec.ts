import { encodeFec, type FecSource, FrameProtector, RepairReceiver } from '@longreach/rtp';
import { expectSameBytes, expectThat, type FuzzTarget } from '../fuzz-target.ts';
import { InputScript, scriptOf } from '../input-script.ts';

const maxHeldBytes = 64 * 1024;
const createReceiver = () =>
  new RepairReceiver({ packets: 512, bytes: maxHeldBytes, blocks: 8, headroom: 12 });

function sourcesOf(script: InputScript, most: number): FecSource[] {
  const count = 1 + (script.u8() % most);
  const first = script.u16();
  return Array.from({ length: count }, (_, i) => ({
    sequence: (first + i) & 0xffff,
    marker: i === count - 1,
    payload: script.bytes(1 + (script.u8() % 64)),
  }));
}

/**
 * Whole way: a block of any shape is protected, some of it is lost, everything that can come back must, and be equal.
 * Script: sources, parity, a loss mask of two bytes each for sources and parity.
 */
export const fecTarget: FuzzTarget = {
  name: 'fec',
  examples: () => [
    scriptOf(2, 0, 5, 9, Buffer.alloc(10, 1), 4, Buffer.alloc(5, 2), 1, 9, 2, 0, 1, 0, 0),
    scriptOf(7, 255, 252, ...new Array(8).fill([3, 1, 2, 3, 4]).flat(), 4, 0, 0x55, 0, 0),
    scriptOf(15, 0, 0, Buffer.alloc(160, 6), 15, 0xff, 0xff, 0, 0),
  ],
  run(input) {
    const script = new InputScript(input);
    const sources = sourcesOf(script, 16);
    const count = 1 + (script.u8() % 16);
    const lost = script.u16();
    const lostParity = script.u16();
    const parity = encodeFec(sources, { first: 0, count, announced: count }, 0);
    expectThat(parity.length === count, 'another number of parity packets');
    const arrived = sources.filter((_source, i) => (lost & (1 << i)) === 0);
    const arrivedParity = parity.filter((_packet, i) => (lostParity & (1 << i)) === 0);
    const receiver = createReceiver();
    const recovered = new Map<number, { marker: boolean; payload: Uint8Array }>();
    const take = (packets: ReturnType<RepairReceiver['handleFec']>) => {
      for (const packet of packets) recovered.set(packet.sequence, packet);
    };
    for (const { sequence, marker, payload } of arrived) {
      take(receiver.handleMedia(sequence, 3_000, marker, payload, 1_000));
    }
    for (const packet of arrivedParity) take(receiver.handleFec(packet, 3_000, 2_000));
    if (arrived.length + arrivedParity.length < sources.length) return;
    for (const source of sources) {
      if (arrived.includes(source)) continue;
      const packet = recovered.get(source.sequence);
      expectSameBytes(packet?.payload, source.payload, `packet ${source.sequence}`);
      expectThat(packet?.marker === source.marker, `marker of packet ${source.sequence}`);
    }
  },
};

/** A receiver that is given any packets and any parity in any order, at any times. */
export const repairTarget: FuzzTarget = {
  name: 'repair-receiver',
  examples: () => {
    const sources = Array.from({ length: 4 }, (_, i) => ({
      ...{ sequence: 65_534 + i, marker: i === 3, payload: new Uint8Array(9).fill(i) },
    }));
    const wrapped = sources.map((source) => ({ ...source, sequence: source.sequence & 0xffff }));
    const parity = encodeFec(wrapped, { first: 0, count: 2, announced: 2 }, 0);
    const media = wrapped.map(({ sequence, marker, payload }) =>
      scriptOf(marker ? 1 : 0, sequence >> 8, sequence & 255, 1, 2, 9, payload),
    );
    const fec = parity.map((packet) => scriptOf(2, 0, 0, 1, 2, packet.length, packet));
    return [
      Buffer.concat([...media.slice(0, 2), ...fec]),
      Buffer.concat([...media.slice(1), ...fec, scriptOf(3, 0, 0, 0, 255, 0)]),
      Buffer.concat([fec[0] ?? Buffer.of(), ...media.slice(2), scriptOf(4, 255, 254, 0, 0, 0)]),
    ];
  },
  run(input) {
    const script = new InputScript(input);
    const receiver = createReceiver();
    let nowUs = 1_000_000;
    while (!script.isAtEnd) {
      const kind = script.u8() % 5;
      const sequence = script.u16();
      nowUs += script.u8() * 100;
      const timestamp = script.u8() * 3_000;
      const payload = script.bytes(script.u8());
      runStep(receiver, { kind, sequence, nowUs, timestamp, payload });
    }
    const { stats } = receiver;
    expectThat(
      Object.values(stats).every((value) => value >= 0),
      'a negative count',
    );
  },
};

type Step = {
  kind: number;
  sequence: number;
  nowUs: number;
  timestamp: number;
  payload: Uint8Array<ArrayBuffer>;
};

function runStep(receiver: RepairReceiver, step: Step): void {
  const { kind, sequence, nowUs, timestamp, payload } = step;
  let recovered: ReturnType<RepairReceiver['handleFec']> = [];
  if (kind <= 1) {
    recovered = receiver.handleMedia(sequence, timestamp, kind === 1, payload, nowUs);
  } else if (kind === 2) recovered = receiver.handleFec(payload, timestamp, nowUs);
  else if (kind === 3) receiver.setRoundTripUs(sequence);
  else receiver.handleKeyFrameStart(sequence);
  for (const packet of recovered) {
    // A packet held back because it seemed far too old is given back as it came.
    const isHeldBack = packet.payload.byteOffset === 0;
    expectThat(isHeldBack || packet.payload.byteOffset === 12, 'no room for a header');
    expectThat(packet.payload.length <= 255, 'longer than any parity');
  }
  const due = receiver.takeDue(nowUs);
  expectThat(due.length <= 256, 'asks for too much');
  expectThat(new Set(due).size === due.length, 'asks twice at once');
  receiver.takeKeyFrameNeeded();
  const deadlineUs = receiver.nextDeadlineUs;
  expectThat(deadlineUs === undefined || Number.isFinite(deadlineUs), 'no time');
}

/** The sender's side: packets of frames in any order; each packet is in one block at most. */
export const protectorTarget: FuzzTarget = {
  name: 'frame-protector',
  examples: () => [
    scriptOf(0, 5, 1, 0, 0, 6, 1, 0, 1, 7, 1, 1, 0, 8, 2, 1),
    scriptOf(255, 254, 1, 0, 255, 255, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 2, 2, 1),
  ],
  run(input) {
    const script = new InputScript(input);
    const protector = new FrameProtector({ maxPackets: 64 });
    while (!script.isAtEnd) {
      const sequence = script.u16();
      const timestamp = script.u8() * 3_000;
      const marker = (script.u8() & 1) === 1;
      const payload = new Uint8Array(sequence % 16);
      for (const block of protector.handlePacket(sequence, timestamp, marker, payload)) {
        expectThat(block.length >= 1 && block.length <= 64, 'a block of no size');
        const first = block[0]?.sequence ?? 0;
        const isRow = block.every((packet, i) => packet.sequence === ((first + i) & 0xffff));
        expectThat(isRow, 'a block with a hole');
        encodeFec(block, { first: 0, count: 1, announced: 1 }, 0);
      }
    }
  },
};
