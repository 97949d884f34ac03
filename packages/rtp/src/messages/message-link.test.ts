import { describe, expect, it } from 'vitest';
import { MessageLink, type MessageWay, maxReliableBytes } from './message-link.ts';

type Label = 'control' | 'command' | 'report';
type Arrived = { label: Label; text: string; atUs: number };
const ways: Record<Label, MessageWay> = {
  control: { number: 1, delivery: 'urgent' },
  command: { number: 2, delivery: 'reliable' },
  report: { number: 3, delivery: 'once' },
};
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Two ends with a network between them that takes `oneWayUs` and loses, repeats and delays packets by seed. */
function setUp(options: { loss?: number; disorder?: number; seed?: number; oneWayUs?: number }) {
  const { loss = 0, disorder = 0, oneWayUs = 15_000 } = options;
  let state = options.seed ?? 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
  const arrived: Arrived[] = [];
  const answered: Arrived[] = [];
  const onTheWay: Array<{ atUs: number; bytes: Uint8Array; to: 'near' | 'far' }> = [];
  const control = { nowUs: 0, loss, packets: 0 };
  const put = (to: 'near' | 'far') => (packet: Uint8Array) => {
    control.packets++;
    const copies = random() < disorder ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const lateUs = random() < disorder ? random() * 30_000 : 0;
      if (random() < control.loss) continue;
      onTheWay.push({ atUs: control.nowUs + oneWayUs + lateUs, bytes: packet.slice(), to });
    }
    return true;
  };
  const keep = (list: Arrived[]) => (label: Label, bytes: Uint8Array) => {
    list.push({ label, text: decoder.decode(bytes), atUs: control.nowUs });
  };
  const near = new MessageLink({ ways, sendPacket: put('far'), onMessage: keep(answered) });
  const far = new MessageLink({ ways, sendPacket: put('near'), onMessage: keep(arrived) });
  const advance = (us: number) => {
    for (const endUs = control.nowUs + us; control.nowUs < endUs; control.nowUs += 1_000) {
      for (const { bytes, to } of takeDue(onTheWay, control.nowUs)) {
        (to === 'far' ? far : near).handlePacket(bytes, control.nowUs);
      }
      for (const link of [near, far]) {
        if (link.nextDeadlineUs <= control.nowUs) link.tick(control.nowUs);
      }
    }
  };
  const send = (label: Label, text: string) =>
    near.send(label, encoder.encode(text), control.nowUs);
  const answer = (label: Label, text: string) =>
    far.send(label, encoder.encode(text), control.nowUs);
  return { near, far, arrived, answered, control, advance, send, answer };
}

function takeDue<Item extends { atUs: number }>(list: Item[], nowUs: number): Item[] {
  const due = list.filter(({ atUs }) => atUs <= nowUs);
  for (const item of due) list.splice(list.indexOf(item), 1);
  return due;
}

describe('MessageLink', () => {
  it('MS1 gives every message once under its label, at once, whatever came before', () => {
    const { arrived, advance, send, control } = setUp({});
    send('control', 'drive');
    control.loss = 1;
    send('command', 'lost at first');
    control.loss = 0;
    send('report', 'state');
    advance(16_000);
    expect(arrived.map(({ label, text }) => [label, text])).toEqual([
      ['control', 'drive'],
      ['report', 'state'],
    ]);
    advance(100_000);
    expect(arrived.at(-1)).toMatchObject({ label: 'command', text: 'lost at first' });
    expect(arrived).toHaveLength(3);
  });

  it.each([1, 2, 3, 4, 5])(
    'MS2 delivers what must arrive whole, once and in order (seed %i)',
    (seed) => {
      const { arrived, advance, send } = setUp({ loss: 0.4, disorder: 0.2, seed });
      const sent: string[] = [];
      for (let i = 0; i < 60; i++) {
        const text = `${i} ${'x'.repeat((i * 397) % 9_000)}`;
        sent.push(text);
        expect(send('command', text)).toBe(true);
        advance(20_000);
      }
      advance(20_000_000);
      expect(arrived.map(({ text }) => text)).toEqual(sent);
    },
  );

  it('MS2 repeats once a round trip: at 30 % loss a command is there within 300 ms', () => {
    const { arrived, advance, send, control } = setUp({ loss: 0.3, seed: 7 });
    const latenessUs: number[] = [];
    for (let i = 0; i < 200; i++) {
      const sentUs = control.nowUs;
      send('command', `${i}`);
      advance(400_000);
      latenessUs.push((arrived.find(({ text }) => text === `${i}`)?.atUs ?? Infinity) - sentUs);
    }
    latenessUs.sort((a, b) => a - b);
    expect(latenessUs[198]).toBeLessThan(300_000);
    expect(latenessUs[100]).toBeLessThan(20_000);
  });

  it('MS3 sends urgent messages in copies while packets get lost, and gives one of them', () => {
    const { arrived, advance, send, answer, control } = setUp({ loss: 0.3, seed: 3 });
    const drive = (count: number) => {
      for (let i = 0; i < count; i++) {
        send('control', `${arrived.length} ${i}`);
        answer('report', 'state');
        advance(20_000);
      }
    };
    drive(200);
    const before = arrived.length;
    drive(1_000);
    const given = arrived.slice(before).map(({ text }) => text);
    expect(given.length).toBeGreaterThan(950);
    expect(new Set(given).size).toBe(given.length);
    control.loss = 0;
    drive(400);
    const packets = control.packets;
    drive(100);
    expect(control.packets - packets).toBe(200);
  });

  it.each([0, 0.3])('MS7 knows how many round trips fail (%f lost each way)', (loss) => {
    const { near, far, advance, send, answer } = setUp({ loss, seed: 5 });
    for (let i = 0; i < 1_000; i++) {
      send('report', 'there');
      answer('report', 'back');
      advance(10_000);
    }
    const expected = 1 - (1 - loss) ** 2;
    expect(Math.abs(near.roundTripLossShare - expected)).toBeLessThan(0.15);
    expect(Math.abs(far.roundTripLossShare - expected)).toBeLessThan(0.15);
  });

  it('MS8 measures the round trip at both ends, whatever the far side took to answer', () => {
    const { near, far, advance, send, answer } = setUp({ loss: 0.2, seed: 2, oneWayUs: 40_000 });
    expect(near.roundTripUs).toBeUndefined();
    for (let i = 0; i < 100; i++) {
      send('report', 'there');
      advance(37_000);
      answer('report', 'back');
      advance(23_000);
    }
    for (const { roundTripUs } of [near, far]) {
      expect(Math.abs((roundTripUs ?? 0) - 80_000)).toBeLessThan(2_000);
    }
  });

  it('MS4 takes a message that does not fit a packet the reliable way', () => {
    const { arrived, advance, send } = setUp({});
    send('report', 'r'.repeat(5_000));
    advance(100_000);
    expect(arrived).toEqual([
      { label: 'report', text: 'r'.repeat(5_000), atUs: expect.anything() },
    ]);
  });

  it('MS5 refuses what would wait beyond its bound, and loses nothing that it took', () => {
    const { near, arrived, advance, send, control } = setUp({});
    control.loss = 1;
    const part = 'x'.repeat(10_000);
    let taken = 0;
    expect(send('command', 'x'.repeat(70_000))).toBe(false);
    while (send('command', part)) taken++;
    expect(near.waitingBytes).toBeLessThanOrEqual(maxReliableBytes);
    expect(taken).toBeGreaterThan(20);
    advance(60_000_000);
    control.loss = 0;
    advance(5_000_000);
    expect(arrived).toHaveLength(taken);
    expect(near.waitingBytes).toBe(0);
    expect(send('command', part)).toBe(true);
  });

  it('MS6 does nothing with anything else', () => {
    const { far, arrived, control } = setUp({});
    for (const bytes of [
      [],
      [1],
      [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9],
      [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ]) {
      far.handlePacket(Uint8Array.from(bytes), control.nowUs);
    }
    far.handlePacket(Uint8Array.from([1, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]), control.nowUs);
    expect(arrived).toEqual([]);
    expect(control.packets).toBe(0);
  });
});
