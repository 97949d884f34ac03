import { type MessageLabel, messageWays } from '@longreach/protocol';
import { MessageLink, maxMessagePacketBytes, maxReliableBytes } from '@longreach/rtp';
import { expectThat, type FuzzTarget } from '../fuzz-target.ts';
import { InputScript, scriptOf } from '../input-script.ts';

const longestMessageBytes = 64 * 1024;

/** The first packets that a link sends when it is given these messages. */
function packetsOf(messages: ReadonlyArray<[MessageLabel, number]>): Uint8Array[] {
  const packets: Uint8Array[] = [];
  const sendPacket = (packet: Uint8Array) => packets.push(packet.slice()) > 0;
  const link = new MessageLink<MessageLabel>({
    ways: messageWays,
    sendPacket,
    onMessage: () => {},
  });
  for (const [label, bytes] of messages) link.send(label, new Uint8Array(bytes), 0);
  return packets;
}

/** Time passed, length, bytes. */
const step = (packet: Uint8Array) => scriptOf(3, packet.length & 0xff, packet.subarray(0, 255));

/** Packets of messages as anybody may have written them, at a link that waits for acknowledgements of its own. */
export const messagesTarget: FuzzTarget = {
  name: 'messages',
  examples: () => {
    const short = packetsOf([
      ['control', 40],
      ['command', 60],
      ['command', 0],
      ['clock', 17],
    ]);
    const acknowledgement = scriptOf(3, 0, 0, 0, 4, 0, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0);
    return [
      scriptOf(...short.map(step)),
      scriptOf(...short.toReversed().map(step)),
      scriptOf(...[...short, acknowledgement].map(step)),
    ];
  },
  run(input) {
    const script = new InputScript(input);
    let nowUs = 0;
    const link = new MessageLink<MessageLabel>({
      ways: messageWays,
      sendPacket: (packet) => {
        expectThat(packet.length <= maxMessagePacketBytes, 'a packet too long');
        return true;
      },
      onMessage: (label, bytes) => {
        expectThat(Object.hasOwn(messageWays, label), 'a label that nobody knows');
        expectThat(bytes.length <= longestMessageBytes, 'a message too long');
      },
    });
    link.send('command', new Uint8Array(3_000), nowUs);
    while (!script.isAtEnd) {
      nowUs += script.u8() * 1_000;
      link.handlePacket(script.bytes(script.u8()), nowUs);
      link.tick(nowUs);
      const { waitingBytes, nextDeadlineUs } = link;
      expectThat(waitingBytes >= 0 && waitingBytes <= maxReliableBytes, 'waits for too much');
      expectThat(!Number.isNaN(nextDeadlineUs), 'no time');
    }
  },
};
