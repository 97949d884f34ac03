import { RefusalCode } from '@longreach/protocol';
import { canonicalExtensionIds, PacketBuilder, packetizeH264 } from '@longreach/rtp';
import { expect, test } from 'vitest';
import { RoomTally } from './room-tally.ts';
import { Source } from './source.ts';
import { deltaFrame } from './testing/worker-bed.ts';

/** A source, and packets of one frame each that it may get in any order. */
function sourceWith(packets: number): { source: Source; give: (packet: number) => void } {
  const source = new Source({
    ...{ streamId: 0, mediaType: 'video', ssrc: 1, payloadType: 102, rtxPayloadType: 103 },
    extensionIds: canonicalExtensionIds,
    sendRtcp: () => true,
  });
  const builder = new PacketBuilder({ payloadType: 102, ssrc: 1, mid: '0', firstSequence: 1 });
  const frames = Array.from({ length: packets }, (_, i) =>
    packetizeH264(deltaFrame, 3_000 * (i + 1), builder),
  );
  const give = (packet: number) => {
    for (const bytes of frames[packet] ?? []) source.handleRtp(Buffer.from(bytes), 1_000 * packet);
  };
  return { source, give };
}

test('a packet that was only late is lost no more for its source, but the sum that was told does not fall', () => {
  const tally = new RoomTally();
  const { source, give } = sourceWith(8);
  const lost = () => tally.counters([source], []).uplink.lost;
  for (const packet of [0, 1, 3]) give(packet);
  expect([source.repairStats?.lost, lost()]).toEqual([1, 1]);
  give(2);
  expect([source.repairStats?.lost, lost()]).toEqual([0, 1]);
  give(5);
  expect(lost()).toBe(1);
  give(7);
  expect(lost()).toBe(2);
});

test('a closed source stays in the sums, and is not counted twice', () => {
  const tally = new RoomTally();
  const { source, give } = sourceWith(3);
  for (const packet of [0, 1, 2]) give(packet);
  const open = tally.counters([source], []);
  tally.closeSource(source);
  expect(tally.counters([], [])).toEqual(open);
  expect(open).toMatchObject({ packetsIn: 3, uplink: { mediaBytes: source.received.media } });
});

test('a command that passes is none of the refused, and every refusal has its reason', () => {
  const tally = new RoomTally();
  tally.notePassed();
  for (const code of Object.values(RefusalCode)) {
    if (code !== RefusalCode.None) tally.noteRefused(code);
  }
  const { commandsPassed, commandsRefused, refusals } = tally.counters([], []);
  expect(commandsPassed).toBe(1);
  expect(commandsRefused).toBe(Object.keys(RefusalCode).length - 1);
  expect(new Set(Object.values(refusals))).toEqual(new Set([1]));
});
