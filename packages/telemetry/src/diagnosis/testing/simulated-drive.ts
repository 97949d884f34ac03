import { RefusalCode, type WebRTCStats } from '@longreach/protocol';
import type { BrowserFigures, MachineFigures, ServerFigures, StreamSample } from '../input.ts';
import type { Conditions, LegConditions } from './conditions-of-drive.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Periods of 2 s, the collection period of the product. */
export const periodMs = 2000;
const seconds = periodMs / 1000;
/** What a leg's estimate may grow to: a few times of what is sent. */
const headroom = 4;
const risePerPeriod = 1.8;
const packetsOfPicture = 9;
const commandHz = 50;
/** What passes before silence is taken for an outage, share of a period. */
const noticedAfterShare = 0.09;

type Leg = { queueMs: number; roundTripMs: number; lossShare: number; estimateBps: number };
type Rates = {
  up: Leg;
  down: Leg;
  repairShare: number;
  viewerLimitBps: number;
  rawBps: number;
  targetBps: number;
};
type Pictures = {
  asked: number;
  captured: number;
  leftOut: number;
  dropped: number;
  encoded: number;
  server: number;
  arrived: number;
  decoded: number;
  presented: number;
};

/**
 * A stream through all stages, one sample a period: what goes into a stage is what came out of the one before, and what
 * a fault does to the others follows from that, as in the product. Figures waver with the seed.
 */
export class SimulatedDrive {
  readonly #random: SeededRandom;
  #atMs = 1_000_000;
  /** What the estimate of each leg may be: it falls at once and rises within seconds, bit/s. */
  #mostUpBps: number;
  #mostDownBps = Number.POSITIVE_INFINITY;
  #stalledMs = 0;
  #reportGapMs = 0;
  #isArmed = true;

  /** `startBps`: what the uplink of a new connection begins with. */
  constructor(random: SeededRandom, startBps = Number.POSITIVE_INFINITY) {
    this.#random = random;
    this.#mostUpBps = startBps;
  }

  /** The next sample under these conditions. */
  next(c: Conditions): StreamSample {
    this.#atMs += periodMs;
    const rates = this.#rates(c);
    const pictures = this.#pictures(c, rates);
    const browser = this.#browser(c, rates, pictures);
    const commands = this.#commands(c, rates, pictures);
    return {
      atMs: this.#atMs,
      periodMs,
      machine: { ...this.#machine(c, rates, pictures), ...commands.machine },
      server: { ...this.#server(c, rates, pictures), ...commands.server },
      browser: { ...browser, control: commands.control },
    };
  }

  #rates(c: Conditions): Rates {
    const up = this.#leg(c, c.uplink, 0, this.#mostUpBps);
    const down = this.#leg(c, c.downlink, c.browserStarvedShare, this.#mostDownBps);
    this.#mostUpBps = up.estimateBps * risePerPeriod;
    this.#mostDownBps = down.estimateBps * risePerPeriod;
    const repairShare = repairOf(c.uplink);
    const viewerLimitBps = down.estimateBps / (1 + repairOf(c.downlink));
    const rawBps = Math.min(up.estimateBps / (1 + repairShare), viewerLimitBps) / 1.12;
    const targetBps = Math.min(c.configuredBps, Math.max(c.minimumBps, rawBps));
    return { up, down, repairShare, viewerLimitBps, rawBps, targetBps };
  }

  #leg(c: Conditions, leg: LegConditions, starved: number, mostBps: number): Leg {
    const { between } = this.#draw();
    const held = c.workerHeldMs;
    const needBps = c.configuredBps * (1 + repairOf(leg)) * 1.12;
    const isFull = leg.capacityBps < needBps * c.sceneShare;
    const queueMs =
      (isFull ? between(30, 75) : between(0, 6)) +
      0.6 * held +
      starved * between(60, 160) +
      leg.jitterMs * between(0.1, 0.4);
    const roundTripMs = leg.roundTripMs + queueMs * 0.7 + between(0, 4);
    const overflow = (isFull ? between(0, 0.008) : 0) + (held > 100 ? between(0.01, 0.06) : 0);
    const lossShare = leg.lossShare * between(0.8, 1.25) + overflow;
    const slowed = 1 / (1 + held / 25 + starved * 6);
    const most = Math.min(leg.capacityBps * 0.95, headroom * needBps);
    return { queueMs, roundTripMs, lossShare, estimateBps: Math.min(most * slowed, mostBps) };
  }

  #pictures(c: Conditions, rates: Rates): Pictures {
    const { between, count } = this.#draw();
    const asked = rates.targetBps < 0.5 * c.configuredBps ? 0.75 * c.fps : c.fps;
    const fastest = 970 / c.encodeMs;
    const given = asked * c.cameraShare;
    const captured = count(c.encoderBlocksCamera ? Math.min(given, fastest) : given);
    const leftOut = rates.rawBps < c.minimumBps ? captured * 0.5 : 0;
    const encoded = Math.min(captured - leftOut, fastest);
    const dropped = Math.max(0, captured - leftOut - encoded);
    const held = c.workerHeldMs > 150 ? between(0.75, 0.95) : 1;
    const server = count(encoded * throughput(c.uplink));
    const arrived = count(server * throughput(c.downlink) * held);
    const decodeMs = c.decodeMs / (1 - c.browserStarvedShare);
    const decoded = count(Math.min(arrived, 970 / decodeMs));
    const visible = (1 - c.hiddenShare) * (1 - Math.min(1, c.pageStallMs / periodMs));
    const presented = count(decoded * visible);
    return { asked, captured, leftOut, dropped, encoded, server, arrived, decoded, presented };
  }

  #machine(c: Conditions, rates: Rates, p: Pictures): MachineFigures {
    const { between } = this.#draw();
    const { up } = rates;
    this.#stalledMs = p.captured === 0 ? this.#stalledMs + periodMs : 0;
    const interval = 1000 / Math.max(1, p.captured);
    const encodeTimeMs = c.encodeMs * between(0.9, 1.15);
    const made = p.encoded / Math.max(1, p.asked);
    return {
      camera: {
        expectedFps: p.asked,
        capturedFps: p.captured,
        longestGapMs: this.#stalledMs || interval * between(1.1, 1.7),
      },
      encoder: {
        encodedFps: p.encoded,
        ...(p.encoded > 0 ? { encodeTimeMs, encodeTimeP95Ms: encodeTimeMs * 1.5 } : {}),
        picturesDroppedBusy: Math.round(p.dropped * seconds),
        picturesLeftOut: Math.round(p.leftOut * seconds),
        configuredBitrateBps: c.configuredBps,
        targetBitrateBps: rates.targetBps,
        actualBitrateBps: rates.targetBps * c.sceneShare * between(0.93, 1.02) * made,
        encodedToSentMs: between(0.2, 1.5) + (up.queueMs > 30 ? between(2, 12) : 0),
        isBelowMinimum: rates.rawBps < c.minimumBps,
      },
      uplink: {
        estimateBps: up.estimateBps * between(0.95, 1.05),
        viewerLimitBps: rates.viewerLimitBps * between(0.97, 1.03),
        configuredBps: c.configuredBps,
        lossShare: p.encoded > 0 ? up.lossShare : 0,
        roundTripMs: up.roundTripMs,
        queueDelayMs: up.queueMs,
        outageShare: Math.max(0, c.uplink.outageShare - noticedAfterShare),
        repairShare: rates.repairShare,
      },
      cpuShareByProcess: {
        media: 0.05 + (p.encoded * c.encodeMs) / 1000,
        transport: between(0.08, 0.15),
        guard: 0.02,
      },
    };
  }

  #server(c: Conditions, rates: Rates, p: Pictures): ServerFigures {
    const { between } = this.#draw();
    const packets = Math.round(p.encoded * seconds * packetsOfPicture);
    const lost = Math.round(packets * rates.up.lossShare);
    const givenUp = c.uplink.isRepaired ? 0 : lost;
    const made = p.server / Math.max(1, p.asked);
    return {
      stream: {
        receivedFps: p.server,
        bitrateBps: rates.targetBps * c.sceneShare * 1.1 * made,
        packetsReceived: packets - givenUp,
        packetsLost: lost,
        packetsRecovered: lost - givenUp,
        packetsGivenUp: givenUp,
      },
      worker: {
        eventLoopDelayP99Ms: between(1, 18) + c.workerHeldMs,
        forwardDelayP99Ms: between(0.3, 6) + 0.8 * c.workerHeldMs,
      },
      viewer: {
        estimateBps: rates.down.estimateBps * between(0.95, 1.05),
        lossShare: rates.down.lossShare,
        roundTripMs: rates.down.roundTripMs,
        queueDelayMs: rates.down.queueMs,
        encoding: c.encoding,
      },
    };
  }

  #browser(c: Conditions, rates: Rates, p: Pictures): BrowserFigures {
    const { between } = this.#draw();
    const isBehind = p.decoded < 0.9 * p.arrived;
    const starved = c.browserStarvedShare;
    const uncertainty = (rates.up.roundTripMs + rates.down.roundTripMs) / 4;
    return {
      stats: this.#stats(c, rates, p),
      picturesDropped: isBehind ? Math.round((p.arrived - p.decoded) * between(0.2, 0.9)) : 0,
      decodeQueuePictures: isBehind ? Math.round(between(5, 25)) : Math.round(between(0, 1)),
      presentedFps: p.presented,
      hiddenMs: c.hiddenShare * periodMs,
      longestPageStallMs: between(5, 90) + c.pageStallMs + starved * between(300, 900),
      longestWorkerStallMs: between(2, 60) + starved * between(200, 800),
      clockUncertaintyMs: uncertainty + between(0, 1),
      clockStepsMs: c.clockStepMs === 0 ? [] : [c.clockStepMs + between(-1, 1)],
    };
  }

  #stats(c: Conditions, rates: Rates, p: Pictures): WebRTCStats {
    const { between } = this.#draw();
    const jitterMs =
      (c.uplink.jitterMs + c.downlink.jitterMs + c.workerHeldMs) / 6 + between(0.3, 3);
    const wanderMs = (c.uplink.jitterMs + c.downlink.jitterMs) * 0.85;
    const unevenMs = wanderMs + 0.4 * c.workerHeldMs + c.browserStarvedShare * 60;
    const targetMs = Math.max(0, unevenMs - 10) + c.heldMs;
    const isLossy = rates.down.lossShare > 0.004;
    const waitMs = isLossy ? rates.down.roundTripMs * between(0.05, 0.4) : 0;
    const decodeMs = c.decodeMs / (1 - c.browserStarvedShare);
    const isBehind = p.decoded < 0.9 * p.arrived;
    const decodeTime = isBehind ? decodeMs * between(3, 9) : decodeMs * between(0.9, 1.6);
    const buffer = targetMs + between(1, 7) + waitMs;
    const latency =
      c.encodeMs + (rates.up.roundTripMs + rates.down.roundTripMs) / 2 + buffer + decodeTime + 4;
    const missing = 1 - p.presented / Math.max(1, p.asked);
    const lag150 = missing > 0.4 ? Math.min(100, 120 * (missing - 0.3)) : between(0, 0.2);
    const decoded = p.decoded > 0 ? { decodeTime, jitterBuffer: buffer } : {};
    return {
      srcUserId: 'machine',
      trackId: 'machine:0:video',
      streamId: 0,
      mediaType: 'video',
      decoderType: 'software',
      bitrate: ((rates.targetBps * c.sceneShare * 1.1) / 1e6) * (p.arrived / Math.max(1, p.asked)),
      lost: rates.down.lossShare * 100,
      rtt: rates.down.roundTripMs,
      jitter: jitterMs / 1000,
      ...decoded,
      jitterBufferTarget: targetMs,
      nackDelta: isLossy ? Math.round(p.arrived * seconds * 0.2) : 0,
      framesReceivedDelta: Math.round(p.arrived * seconds),
      framesDecodedDelta: Math.round(p.decoded * seconds),
      ...(c.hiddenShare < 1 ? { fps: p.presented, lag100: lag150 * 1.2, lag150 } : {}),
      ...(p.presented > 0 ? { latency: latency + between(0, 3) } : {}),
    };
  }

  #commands(c: Conditions, rates: Rates, p: Pictures) {
    const { between } = this.#draw();
    const isBlind = p.presented < 1 && c.hiddenShare < 1;
    const wanted = c.isDriving ? commandHz * seconds * (1 - c.hiddenShare) : 0;
    const canLeave = !isBlind && c.permission === 'master';
    const sent = canLeave && c.control !== 'channelFull' ? Math.round(wanted) : 0;
    const passed = c.control === 'lostBeforeServer' ? 0 : sent;
    const received = c.control === 'lostBehindServer' ? 0 : passed;
    if (c.control !== 'free' || isBlind || c.hiddenShare > 0.3) this.#isArmed = false;
    const isReleasing = this.#isArmed && c.control !== 'guardStalled';
    const released = isReleasing ? received : 0;
    this.#reportGapMs = c.control === 'guardStalled' ? this.#reportGapMs + periodMs : 0;
    const roundTripMs =
      rates.up.roundTripMs +
      rates.down.roundTripMs +
      between(8, 40) +
      c.controlDelayMs +
      c.workerHeldMs +
      c.browserStarvedShare * 200;
    const refused: Partial<Record<RefusalCode, number>> = {};
    if (isBlind) refused[RefusalCode.StalePicture] = Math.round(wanted);
    if (c.permission === 'guest') refused[RefusalCode.NotMaster] = Math.round(wanted);
    else if (!this.#isArmed && received > 0) refused[RefusalCode.NotArmed] = received;
    return {
      machine: { commandsReceived: received, commandsReleased: released },
      server: { commandsPassed: passed },
      control: {
        permission: c.permission,
        commandsSent: sent,
        refused,
        ...(released > 0 ? { roundTripMs, loopAgeMs: roundTripMs + between(20, 60) } : {}),
        blockedMs: c.control === 'channelFull' ? periodMs * between(0.8, 1) : 0,
        guardMode: this.#isArmed ? ('armed' as const) : ('stopped' as const),
        longestReportGapMs: this.#reportGapMs || between(40, 120),
      },
    };
  }

  /** Shorthand for what draws from the seed. */
  #draw() {
    const between = (low: number, high: number) => this.#random.between(low, high);
    /** Pictures a second, one more or less in the period. */
    const count = (fps: number) =>
      fps < 0.5 ? 0 : Math.max(0, Math.round(fps * seconds) + this.#random.whole(-1, 1)) / seconds;
    return { between, count };
  }
}

/** Parity and repeats for each byte of media, by loss. */
function repairOf({ lossShare }: LegConditions): number {
  return lossShare < 0.005 ? 0.02 : Math.min(2.9, 3.8 * lossShare);
}

/** Share of the pictures that come through a leg. */
function throughput({ lossShare, isRepaired, outageShare }: LegConditions): number {
  const whole = isRepaired ? 1 : (1 - lossShare) ** packetsOfPicture;
  return whole * (1 - outageShare);
}
