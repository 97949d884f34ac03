import { parseRtcp } from '@longreach/rtp';
import type { AccessUnit } from '@longreach/rtp/receive';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InnerPackets } from '../testing/inner-packets.ts';
import { DatagramSlot } from './datagram-slot.ts';
import { frameTimestampOf, TickCounter } from './media-time.ts';
import type { DecodedPicture, PictureDecoder, PictureDecoderHandlers } from './picture-decoder.ts';

const frameUs = 33_333;

/** Gives every picture back at once, unless it is told to wait or to fail. */
class FakeDecoder implements PictureDecoder {
  static behaviour: 'works' | 'waits' | 'fails' = 'works';
  readonly decoded: AccessUnit[] = [];
  closed = false;
  readonly #handlers: PictureDecoderHandlers<DecodedPicture>;

  constructor(handlers: PictureDecoderHandlers<DecodedPicture>) {
    this.#handlers = handlers;
  }

  decode(unit: AccessUnit, timestamp: number): void {
    this.decoded.push(unit);
    if (FakeDecoder.behaviour === 'fails') this.#handlers.onError(new Error('broken'));
    if (FakeDecoder.behaviour !== 'works') return;
    const size = { displayWidth: 1280, displayHeight: 720 };
    this.#handlers.onPicture({ timestamp, ...size, close: () => {} });
  }

  close(): void {
    this.closed = true;
  }
}

function setUp(minDelayUs = 0) {
  FakeDecoder.behaviour = 'works';
  const clock = { nowUs: 1_000_000 };
  const packets = new InnerPackets();
  const decoders: FakeDecoder[] = [];
  const shown: Array<{ timestamp: number; atUs: number }> = [];
  const told: string[] = [];
  const slot = new DatagramSlot<DecodedPicture>({
    place: 0,
    minDelayUs,
    nowUs: () => clock.nowUs,
    createDecoder: (handlers) => {
      const decoder = new FakeDecoder(handlers);
      decoders.push(decoder);
      return decoder;
    },
    ticks: new TickCounter(),
    show: ({ timestamp }) => {
      shown.push({ timestamp, atUs: clock.nowUs });
      return true;
    },
    onFirstPicture: () => told.push('first picture'),
    onFailed: (reason) => told.push(reason),
  });
  const give = (list: Uint8Array[]) => {
    for (const packet of list) slot.handlePacket(packet, clock.nowUs);
  };
  /** One picture's time passes; gives what was asked for in it. */
  const pass = (us = frameUs) => {
    const end = clock.nowUs + us;
    const asked = [];
    for (; clock.nowUs < end; clock.nowUs += 1000) {
      slot.tick(clock.nowUs);
      const bytes = slot.takeFeedback(clock.nowUs);
      if (bytes) asked.push(...parseRtcp(bytes));
    }
    return asked;
  };
  return { clock, packets, decoders, shown, told, slot, give, pass };
}

describe('DatagramSlot', () => {
  it('D5 shows every picture once it is whole, in order', () => {
    const { packets, shown, told, give, pass } = setUp();
    const timestamps = [];
    for (let frame = 0; frame < 10; frame++) {
      give(packets.next(frame === 0));
      timestamps.push(frameTimestampOf(packets.timestamp));
      pass();
    }
    expect(shown.map(({ timestamp }) => timestamp)).toEqual(timestamps);
    expect(told).toEqual(['first picture']);
  });

  it('D5 holds pictures back as long as it is asked to', () => {
    const { clock, packets, shown, slot, give, pass } = setUp(50_000);
    give(packets.next(true));
    const wholeUs = clock.nowUs;
    expect(shown).toEqual([]);
    expect(slot.nextDeadlineUs).toBe(wholeUs + 50_000);
    pass(60_000);
    expect(shown[0]?.atUs).toBeGreaterThanOrEqual(wholeUs + 49_000);
  });

  it('D6 asks for a lost packet and shows its picture when the repeat comes', () => {
    const { packets, shown, give, pass } = setUp();
    give(packets.next(true));
    const lossy = packets.next(false);
    const [lost] = lossy.splice(1, 1);
    give(lossy);
    const asked = pass();
    give(packets.next(false));
    pass();
    const sequence = new DataView(lost?.buffer as ArrayBuffer).getUint16(2);
    expect(asked[0]).toEqual({ type: 'nack', senderSsrc: 1, mediaSsrc: 0, sequences: [sequence] });
    expect(shown).toHaveLength(1);
    give([lost as Uint8Array]);
    pass(60_000);
    expect(shown).toHaveLength(3);
  });

  it('D7 asks for a key frame, again and again, until one begins', () => {
    const { packets, shown, give, pass } = setUp();
    for (let frame = 0; frame < 3; frame++) give(packets.next(false));
    const asked = pass(1_000_000).filter(({ type }) => type === 'pli');
    expect(asked.length).toBeGreaterThanOrEqual(4);
    expect(asked[0]).toEqual({ type: 'pli', senderSsrc: 1, mediaSsrc: 0 });
    give(packets.next(true));
    expect(pass(1_000_000).filter(({ type }) => type === 'pli')).toEqual([]);
    expect(shown).toHaveLength(1);
  });

  it('D7 asks only once it can', () => {
    const { packets, slot, give, pass } = setUp();
    slot.canAsk = false;
    for (let frame = 0; frame < 3; frame++) give(packets.next(false));
    expect(pass(1_000_000)).toEqual([]);
    expect(slot.nextDeadlineUs).toBe(Number.POSITIVE_INFINITY);
    slot.canAsk = true;
    expect(pass(1_000)).toMatchObject([{ type: 'pli' }]);
  });

  it('D8 goes on with another decoder and a key frame after one failed', () => {
    const { packets, decoders, shown, told, give, pass } = setUp();
    give(packets.next(true));
    FakeDecoder.behaviour = 'fails';
    give(packets.next(false));
    FakeDecoder.behaviour = 'works';
    give(packets.next(false));
    expect(pass().some(({ type }) => type === 'pli')).toBe(true);
    expect(decoders.map(({ closed }) => closed)).toEqual([true, false]);
    give(packets.next(true));
    pass();
    expect(shown).toHaveLength(2);
    expect(told).toEqual(['first picture']);
  });

  it('D8 tells when decoders fail again and again', () => {
    const { packets, told, give, pass } = setUp();
    FakeDecoder.behaviour = 'fails';
    for (let frame = 0; frame < 5; frame++) {
      give(packets.next(true));
      pass();
    }
    expect(told).toEqual(['decoder: broken']);
  });

  it('D9 tells when a whole frame came 3 s ago and no picture', () => {
    const { clock, packets, told, slot, give } = setUp();
    FakeDecoder.behaviour = 'waits';
    slot.checkPictures(clock.nowUs + 10_000_000);
    give(packets.next(true));
    slot.checkPictures(clock.nowUs + 2_900_000);
    expect(told).toEqual([]);
    slot.checkPictures(clock.nowUs + 3_100_000);
    slot.checkPictures(clock.nowUs + 4_100_000);
    expect(told).toEqual(['packets came but no picture']);
  });

  it('D10 begins anew with a decoder that is 30 pictures behind', () => {
    const { packets, decoders, give, pass } = setUp();
    FakeDecoder.behaviour = 'waits';
    give(packets.next(true));
    for (let frame = 0; frame < 40; frame++) {
      give(packets.next(false));
      pass();
    }
    expect(decoders).toHaveLength(2);
    expect(decoders[0]).toMatchObject({ closed: true });
    expect(decoders[0]?.decoded).toHaveLength(30);
  });

  it('D11 survives any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (list) => {
        const { packets, shown, give, pass } = setUp();
        give(list);
        pass();
        give(list.map((bytes) => Uint8Array.of(0x80, 96 + 2 * (bytes.length % 2), ...bytes)));
        pass();
        for (let frame = 0; frame < 4; frame++) give(packets.next(true));
        expect(shown.length).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('D12 does nothing any more once it is closed', () => {
    const { clock, packets, decoders, shown, slot, give } = setUp();
    slot.close();
    give(packets.next(true));
    expect(slot.takeFeedback(clock.nowUs)).toBeUndefined();
    expect([shown, decoders[0]?.closed]).toEqual([[], true]);
  });

  it('D2 counts what an inbound-rtp entry counts', () => {
    const { packets, slot, give, pass } = setUp();
    give(packets.next(true));
    pass();
    const lossy = packets.next(false);
    const [lost] = lossy.splice(1, 1);
    give(lossy);
    pass();
    give([lost as Uint8Array, lost as Uint8Array]);
    give(packets.next(false));
    pass();
    expect(slot.readCounters()).toMatchObject({
      packetsReceived: 10,
      packetsLost: 1,
      nackCount: 1,
      pliCount: 0,
      framesReceived: 3,
      framesDecoded: 3,
      keyFramesDecoded: 1,
      jitterBufferEmittedCount: 3,
      frameWidth: 1280,
      frameHeight: 720,
      headerBytesReceived: 12 * 32,
    });
  });
});
