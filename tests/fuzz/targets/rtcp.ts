import {
  ArrivalLog,
  buildExtendedReport,
  buildNack,
  buildPli,
  buildReceiverEstimate,
  buildReceiverReport,
  buildSenderReport,
  parseRtcp,
  type RtcpPacket,
} from '@longreach/rtp';
import { buildFir } from '../../../packages/rtp/src/rtcp-feedback.ts';
import { TransportFeedbackEncoder } from '../../../packages/rtp/src/rtcp-transport-wide.ts';
import { expectThat, type FuzzTarget } from '../fuzz-target.ts';

const block = {
  ...{ ssrc: 9, fractionLost: 25, cumulativeLost: -3, highestSequence: 70_000, jitter: 12 },
  ...{ lastSr: 0x12345678, delaySinceLastSr: 655 },
};
const ntp = { seconds: 3_900_000_000, fraction: 0x80000000 };
const info = { ntp, rtpTimestamp: 90_000, packets: 5, payloadBytes: 5_000 };

/** Bounds of what one packet may give, whatever it says of itself. */
function checkBounds(packet: RtcpPacket): void {
  switch (packet.type) {
    case 'senderReport':
    case 'receiverReport':
      expectThat(packet.reports.length <= 31, 'too many report blocks');
      return;
    case 'nack':
      expectThat(packet.sequences.length <= 1_024, 'too many sequences');
      expectThat(
        packet.sequences.every((sequence) => sequence <= 0xffff),
        'no sequence',
      );
      return;
    case 'fir':
      expectThat(packet.entries.length <= 1_024, 'too many entries');
      return;
    case 'transportFeedback':
      expectThat(packet.arrivals.length <= 8_192, 'too many arrivals');
      expectThat(packet.baseSequence <= 0xffff && packet.feedbackCount <= 0xff, 'out of range');
      return;
    case 'remb':
      expectThat(packet.bitrateBps >= 0 && packet.ssrcs.length <= 255, 'out of range');
      expectThat(Number.isSafeInteger(packet.bitrateBps), 'no whole bitrate');
      return;
    case 'extendedReport':
      expectThat(packet.echoes.length <= 64, 'too many echoes');
      return;
    case 'pli':
  }
}

const encoder = new TransportFeedbackEncoder(8_192);

/** The same packet written by us, where we can write it. */
function written(packet: RtcpPacket): Uint8Array | undefined {
  switch (packet.type) {
    case 'senderReport':
      return buildSenderReport(packet.ssrc, packet.info, packet.reports);
    case 'receiverReport':
      return buildReceiverReport(packet.ssrc, packet.reports);
    case 'nack':
      return undefined; // order and doubles are not kept
    case 'pli':
      return buildPli(packet.senderSsrc, packet.mediaSsrc);
    case 'fir':
      return undefined; // one entry at a time
    case 'transportFeedback':
      return undefined; // see its own target
    case 'remb':
      // Rates that no number holds exactly are cut off.
      if (packet.bitrateBps > 2 ** 50) return undefined;
      return buildReceiverEstimate(packet.senderSsrc, packet.bitrateBps, packet.ssrcs);
    case 'extendedReport':
      return buildExtendedReport(packet.ssrc, packet);
  }
}

function run(input: Uint8Array): void {
  const packets = parseRtcp(input);
  expectThat(packets.length <= 64, 'too many packets');
  for (const packet of packets) {
    checkBounds(packet);
    checkAsked(packet);
    checkTransportFeedback(packet);
    const bytes = written(packet);
    if (!bytes) continue;
    const again = JSON.stringify(parseRtcp(bytes)[0]);
    expectThat(again === JSON.stringify(packet), `${packet.type} read again is ${again}`);
  }
}

function checkAsked(packet: RtcpPacket): void {
  if (packet.type !== 'nack') return;
  const [again] = parseRtcp(buildNack(packet.senderSsrc, packet.mediaSsrc, packet.sequences));
  const asked = new Set(again?.type === 'nack' ? again.sequences : []);
  expectThat(
    packet.sequences.every((sequence) => asked.has(sequence)),
    'a request got lost',
  );
}

/** What is written again stops at most where the packet is full or a step too long; up to there it is the same. */
function checkTransportFeedback(packet: RtcpPacket): void {
  if (packet.type !== 'transportFeedback') return;
  const [again] = parseRtcp(encoder.encode(packet));
  if (encoder.statuses === 0) return;
  expectThat(again?.type === 'transportFeedback', 'written feedback cannot be read');
  expectThat(again.arrivals.length === encoder.statuses, 'another number of statuses');
  for (let i = 0; i < encoder.statuses; i++) {
    expectThat(again.arrivals[i] === packet.arrivals[i], `arrival ${i} changed`);
  }
}

function feedbackExamples(): Uint8Array[] {
  const log = new ArrivalLog();
  const examples: Uint8Array[] = [];
  for (let i = 0; i < 200; i++) {
    const nowUs = 1_000_000 + i * 3_000 + (i % 7) * 900;
    if (i % 9 !== 0) log.handlePacket((65_450 + i) & 0xffff, nowUs);
    const feedback = log.takeFeedback(nowUs, 1, 9);
    if (feedback && examples.length < 5) examples.push(feedback);
  }
  return examples;
}

const estimate = () => buildReceiverEstimate(1, 2_500_000, [9, 10]);
const extended = () =>
  buildExtendedReport(1, {
    referenceTime: ntp,
    echoes: [{ ssrc: 3, lastRr: 4, delaySinceLastRr: 5 }],
  });

/** Compound packets of all kinds. */
export const rtcpTarget: FuzzTarget = {
  name: 'rtcp',
  examples: () => [
    buildSenderReport(9, info, [block]),
    buildReceiverReport(1, [block, block]),
    Buffer.concat([buildReceiverReport(1, [block]), extended(), buildPli(1, 9)]),
    buildNack(1, 9, [5, 6, 9, 22, 65_535, 0]),
    Buffer.concat([buildFir(1, 9, 3), estimate()]),
    Buffer.from('a1c90007000000010000000000000000000000000000000000000000000000000004', 'hex'),
  ],
  run,
};

/** Transport-wide feedback: run lengths, vectors, deltas. */
export const transportFeedbackTarget: FuzzTarget = {
  name: 'rtcp-transport-feedback',
  examples: feedbackExamples,
  run,
};

/** Receiver estimates. */
export const estimateTarget: FuzzTarget = { name: 'rtcp-remb', examples: () => [estimate()], run };

/** Extended reports. */
export const extendedReportTarget: FuzzTarget = {
  name: 'rtcp-xr',
  examples: () => [extended(), Buffer.concat([buildReceiverReport(1), extended()])],
  run,
};
