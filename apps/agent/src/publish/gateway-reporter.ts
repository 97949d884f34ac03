import type { Clock } from '@longreach/kit';
import {
  type Encoding,
  type GatewayMachineStats,
  type GatewayPathStats,
  type GatewayStats,
  gatewayStatsPeriodMs,
  type StreamInfo,
} from '@longreach/protocol';
import type { InputNotice } from '../local/messages.ts';
import {
  assembleGatewayStats,
  type GatewayReportParts,
  type ReportedStream,
  type SentEncoding,
} from '../statistics/gateway-report.ts';
import { LoopMeter } from '../statistics/loop-meter.ts';
import type { MediaStats } from '../statistics/media-stats.ts';
import { Period } from '../statistics/period.ts';
import { rounded } from '../statistics/rounded.ts';
import type { EncodingState, StreamEncoding } from './encoding-rate.ts';
import { type PathFacts, reportPath } from './path-report.ts';
import type { VideoSender } from './video-sender.ts';

/** What a reporter asks, and where its reports go. */
export type GatewayReporterOptions = {
  clock: Clock;
  softwareVersion: string;
  streams: readonly StreamInfo[];
  encodings: readonly StreamEncoding[];
  /** Encodings that are ordered now. */
  sentEncodings: () => Array<{ streamId: number; encoding: Encoding }>;
  senderOf: (streamId: number, encoding: Encoding) => Pick<VideoSender, 'takeStats'> | undefined;
  stateOf: (streamId: number, encoding: Encoding) => EncodingState | undefined;
  takePathFacts: () => PathFacts;
  /** Asks the media process; false when there is none. */
  askMedia: () => boolean;
  send: (stats: GatewayStats) => void;
};

/** The media process is waited for this long; a report without it is better than none, ms. */
const mediaPatienceMs = 300;

type Begun = Omit<GatewayReportParts, 'media'>;

/** Puts the machine's report on itself together, every two seconds. */
export class GatewayReporter {
  readonly #options: GatewayReporterOptions;
  readonly #period: Period;
  readonly #loop = new LoopMeter();
  readonly #timer: NodeJS.Timeout;
  readonly #inputStates = new Map<number, InputNotice['state']>();
  #machine: GatewayMachineStats | undefined;
  #sequence = 0;
  #begun: Begun | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(options: GatewayReporterOptions) {
    this.#options = options;
    this.#period = new Period(options.clock.nowUs());
    this.#timer = setInterval(() => this.#begin(), gatewayStatsPeriodMs);
  }

  /** The life of an input went on. */
  handleInput({ streamId, state }: InputNotice): void {
    this.#inputStates.set(streamId, state);
  }

  /** The supervisor told of the computer. */
  handleMachine(stats: GatewayMachineStats): void {
    this.#machine = stats;
  }

  /** The media process answered. */
  handleMedia(stats: MediaStats): void {
    this.#finish(stats);
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#patience);
    this.#begun = undefined;
  }

  /** Everything but what the media process knows is taken at once: it is of the same period. */
  #begin(): void {
    const { clock, softwareVersion, askMedia } = this.#options;
    const machineTimeUs = clock.nowUs();
    this.#period.end(machineTimeUs);
    this.#begun = {
      sequence: this.#sequence++,
      machineTimeUs,
      periodMs: rounded(this.#period.lengthMs, 0),
      softwareVersion,
      streams: this.#options.streams.map((stream) => this.#describe(stream)),
      sent: this.#takeSent(machineTimeUs),
      paths: [this.#takePath()],
      machine: this.#machine,
      loopBusyShare: this.#loop.take(),
    };
    if (!askMedia()) this.#finish(undefined);
    else this.#patience = setTimeout(() => this.#finish(undefined), mediaPatienceMs);
  }

  #finish(media: MediaStats | undefined): void {
    clearTimeout(this.#patience);
    const begun = this.#begun;
    // An answer that was not waited for any more.
    if (!begun) return;
    this.#begun = undefined;
    this.#options.send(assembleGatewayStats({ ...begun, media }));
  }

  #describe({ streamId, width, height, fps }: StreamInfo): ReportedStream {
    const inputState = this.#inputStates.get(streamId);
    const encoding = this.#options.encodings.find((one) => one.streamId === streamId);
    return {
      streamId,
      ...(inputState && { inputState }),
      configuredWidth: width,
      configuredHeight: height,
      configuredFps: fps,
      ...(encoding && {
        configuredBitrateBps: encoding.bitrateBps,
        minBitrateBps: encoding.minBitrateBps,
      }),
    };
  }

  #takeSent(nowUs: number): SentEncoding[] {
    const { sentEncodings, senderOf, stateOf } = this.#options;
    return sentEncodings().flatMap(({ streamId, encoding }) => {
      const send = senderOf(streamId, encoding)?.takeStats(nowUs);
      if (!send) return [];
      const told = stateOf(streamId, encoding) ?? { belowMinimum: false };
      return [{ streamId, encoding, told, send }];
    });
  }

  #takePath(): GatewayPathStats {
    return reportPath(this.#options.takePathFacts());
  }
}
