import { datagramPayloadTypes } from '@longreach/protocol';
import { encodeFec, parseRtcp } from '@longreach/rtp';
import { DatagramSlot } from '../../../packages/sdk/src/datagram/datagram-slot.ts';
import { TickCounter } from '../../../packages/sdk/src/datagram/media-time.ts';
import type { DecodedPicture } from '../../../packages/sdk/src/datagram/picture-decoder.ts';
import { InnerPackets } from '../../../packages/sdk/src/testing/inner-packets.ts';
import { expectThat, type FuzzTarget } from '../fuzz-target.ts';
import { InputScript, scriptOf } from '../input-script.ts';

/** Whole inner packets after each other: time passed, length, bytes. */
const step = (packet: Uint8Array) => scriptOf(3, packet.length, packet);

function fecOf(packets: readonly Uint8Array[]): Uint8Array {
  const sources = packets.map((packet) => ({
    sequence: ((packet[2] as number) << 8) | (packet[3] as number),
    marker: ((packet[1] as number) & 0x80) !== 0,
    payload: packet.subarray(12),
  }));
  const [parity] = encodeFec(sources, { first: 0, count: 1, announced: 1 }, 12);
  const fec = parity ?? new Uint8Array(12);
  fec.set(packets[0]?.subarray(0, 12) ?? []);
  fec[1] = datagramPayloadTypes.fec;
  return fec;
}

/** Counts pictures that a decoder lent. */
class Pictures {
  lent = 0;

  take(timestamp: number): DecodedPicture {
    this.lent += 1;
    let isClosed = false;
    const close = () => {
      expectThat(!isClosed, 'a picture was given back twice');
      isClosed = true;
      this.lent -= 1;
    };
    return { timestamp, displayWidth: 4, displayHeight: 4, close };
  }
}

/** Packets from inside the datagram m-line, as anybody may have written them, and what the player makes of them. */
export const datagramTarget: FuzzTarget = {
  name: 'datagram-slot',
  examples: () => {
    const inner = new InnerPackets();
    const [key, next, third] = [inner.next(true), inner.next(false), inner.next(false)];
    const lossy = [...key.slice(0, 2), ...key.slice(3), fecOf(key), ...next.slice(1), ...third];
    return [
      scriptOf(...[...key, ...next, ...third].map(step)),
      scriptOf(...lossy.map(step)),
      scriptOf(...[...next, ...key.toReversed(), ...third].map(step)),
    ];
  },
  run(input) {
    const script = new InputScript(input);
    const pictures = new Pictures();
    let nowUs = 1_000_000;
    const slot = new DatagramSlot<DecodedPicture>({
      ...{ place: 0, ticks: new TickCounter(), minDelayUs: 0, nowUs: () => nowUs },
      createDecoder: ({ onPicture }) => ({
        decode: (_unit, timestamp) => onPicture(pictures.take(timestamp)),
        close: () => {},
      }),
      show: (picture) => {
        picture.close();
        return true;
      },
      onFirstPicture: () => {},
      onFailed: () => {},
    });
    while (!script.isAtEnd) {
      nowUs += script.u8() * 1_000;
      slot.handlePacket(script.bytes(script.u8()), nowUs);
      const feedback = slot.takeFeedback(nowUs);
      if (feedback) {
        expectThat(feedback.length <= 1_200, 'a request too long');
        expectThat(parseRtcp(feedback).length > 0, 'a request that nobody can read');
      }
      slot.tick(nowUs);
      slot.checkPictures(nowUs);
      expectThat(pictures.lent <= 8, 'holds more pictures than a decoder has');
      const { nextDeadlineUs } = slot;
      expectThat(!Number.isNaN(nextDeadlineUs), 'no time');
    }
    slot.close();
    expectThat(pictures.lent === 0, 'a picture was never given back');
  },
};
