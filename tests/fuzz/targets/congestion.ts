import { ArrivalLog, CongestionController, parseRtcp } from '@longreach/rtp';
import { expectThat, type FuzzTarget } from '../fuzz-target.ts';
import { InputScript, scriptOf } from '../input-script.ts';
import { transportFeedbackTarget } from './rtcp.ts';

const limits = { minBps: 150_000, maxBps: 6_000_000, startBps: 1_000_000 };

/**
 * A sender that is told anything by its receiver: its target stays within its limits, its measurements finite.
 * Script: first sequence, packets sent, then feedback packets with their lengths.
 */
export const congestionTarget: FuzzTarget = {
  name: 'congestion',
  examples: () => {
    const feedback = transportFeedbackTarget.examples();
    const steps = feedback.map((bytes) => scriptOf(20, bytes.length, bytes));
    return [scriptOf(255, 170, 60, ...steps), scriptOf(255, 150, 200, ...steps.toReversed())];
  },
  run(input) {
    const script = new InputScript(input);
    const controller = new CongestionController(limits);
    let sequence = script.u16();
    let nowUs = 1_000_000;
    for (let i = script.u8(); i > 0; i--) {
      nowUs += 3_000;
      controller.handleSent(sequence++ & 0xffff, 1_100, nowUs);
    }
    while (!script.isAtEnd) {
      nowUs += script.u8() * 1_000;
      for (const packet of parseRtcp(script.bytes(script.u8()))) {
        if (packet.type === 'transportFeedback') controller.handleFeedback(packet, nowUs);
      }
      controller.tick(nowUs);
      controller.takeProbeBytes(nowUs);
      check(controller);
    }
  },
};

function check(controller: CongestionController): void {
  const { targetBps, lossShare, burstPackets, roundTripUs, queueDelayUs } = controller;
  const isInside = targetBps >= limits.minBps && targetBps <= limits.maxBps;
  expectThat(isInside, `target ${targetBps}`);
  expectThat(lossShare >= 0 && lossShare <= 1, `loss ${lossShare}`);
  expectThat(burstPackets >= 1 && Number.isFinite(burstPackets), `bursts ${burstPackets}`);
  expectThat(roundTripUs >= 0 && Number.isFinite(roundTripUs), `round trip ${roundTripUs}`);
  expectThat(queueDelayUs >= 0 && Number.isFinite(queueDelayUs), `queue ${queueDelayUs}`);
}

/** Any transport sequences at any times: each feedback can be read again. Script: sequence, time passed. */
export const arrivalLogTarget: FuzzTarget = {
  name: 'arrival-log',
  examples: () => [
    scriptOf(...Array.from({ length: 40 }, (_, i) => [0, i, 40]).flat()),
    scriptOf(...[255, 254, 9, 0, 3, 200, 255, 255, 250, 0, 0, 1, 128, 0, 255, 0, 1, 90]),
  ],
  run(input) {
    const script = new InputScript(input);
    const log = new ArrivalLog();
    let nowUs = 1_000_000;
    while (!script.isAtEnd) {
      const sequence = script.u16();
      nowUs += script.u8() * 400;
      log.handlePacket(sequence, nowUs);
      const bytes = log.takeFeedback(nowUs, 1, 2);
      if (!bytes) continue;
      const [packet] = parseRtcp(bytes);
      expectThat(packet?.type === 'transportFeedback', 'our own feedback cannot be read');
    }
  },
};
