import { buildReceiverEstimate, isRtcp, parseRtcp } from '@longreach/rtp';
import { monotonicClock } from '../monotonic-clock.ts';
import { ArrivalFeedback } from './arrival-feedback.ts';
import type { Line } from './connection.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import { Source, type SourceOptions } from './source.ts';
import { reporterSsrc } from './source-repair.ts';

/** How the m-lines of an offer send one track. */
type SentTrack = Omit<SourceOptions, 'sendRtcp' | 'onArrival'> & { mid: string };

/**
 * What a machine publishes, as sources. It outlasts a connection: the next one with the same SSRCs carries it on, and
 * what is missing is asked for there.
 */
export class FieldMedia {
  readonly sources: readonly Source[];
  readonly #byMid: ReadonlyMap<string, Source>;
  readonly #sent: string;
  readonly #repairTimer = new DeadlineTimer(() => this.#ask());
  readonly #arrivals: ArrivalFeedback | undefined;
  /** The m-lines that carry it now, by mid. */
  #lines: ReadonlyMap<string, Line> = new Map();

  constructor(lines: readonly Line[]) {
    const tracks = sentTracks(lines);
    this.#sent = JSON.stringify(tracks);
    const measured = lines.find(({ negotiated }) => negotiated.hasTransportFeedback);
    const first = tracks.find(({ mid }) => mid === measured?.negotiated.mid);
    this.#arrivals =
      first && new ArrivalFeedback(first.ssrc, (rtcp) => this.#send(first.mid, rtcp));
    const sources = tracks.map(({ mid, ...track }): [string, Source] => {
      const sendRtcp = (rtcp: Uint8Array) => this.#send(mid, rtcp);
      const onArrival = (transportSequence: number, nowUs: number) =>
        this.#arrivals?.handlePacket(transportSequence, nowUs);
      return [mid, new Source({ ...track, sendRtcp, onArrival })];
    });
    this.#byMid = new Map(sources);
    this.sources = [...this.#byMid.values()];
    this.answerOver(lines);
  }

  /** The source that comes by this m-line, if one does. */
  sourceOf(mid: string): Source | undefined {
    return this.#byMid.get(mid);
  }

  /** Whether these m-lines send the same tracks under the same SSRCs. */
  isSentBy(lines: readonly Line[]): boolean {
    return JSON.stringify(sentTracks(lines)) === this.#sent;
  }

  /** From here on the machine is answered over these m-lines. */
  answerOver(lines: readonly Line[]): void {
    this.#lines = new Map(lines.map((line) => [line.negotiated.mid, line]));
  }

  /** Takes one packet of an m-line that sends one of the sources. */
  handlePacket(source: Source, bytes: Buffer): void {
    const nowUs = monotonicClock.nowUs();
    if (!isRtcp(bytes)) {
      source.handleRtp(bytes, nowUs);
      this.#arrivals?.tick(nowUs);
      this.#repairTimer.wakeBy(source.nextDeadlineUs, nowUs);
      return;
    }
    for (const packet of parseRtcp(bytes)) {
      if (packet.type === 'senderReport' && packet.ssrc === source.options.ssrc) {
        source.handleSenderReport(packet.info.ntp, nowUs);
      }
    }
  }

  tick(nowUs: number): void {
    for (const source of this.sources) source.tick(nowUs);
    this.#arrivals?.tick(nowUs);
  }

  /** Once a second: ends the period in which arrivals of pictures were measured. */
  closeArrivals(): void {
    for (const source of this.sources) source.arrivals?.closePeriod();
  }

  /** Lets repairs follow the leg's round trip, µs. */
  setRoundTripUs(roundTripUs: number): void {
    for (const source of this.sources) source.setRoundTripUs(roundTripUs);
  }

  /** Tells the machine what the viewer that counts takes of all its video together, bit/s. */
  sendMediaLimit(bitrateBps: number): void {
    const videos = this.sources.filter(({ options }) => options.mediaType === 'video');
    const ssrcs = videos.map(({ options }) => options.ssrc);
    videos[0]?.options.sendRtcp(buildReceiverEstimate(reporterSsrc, bitrateBps, ssrcs));
  }

  close(): void {
    this.#repairTimer.close();
    this.#lines = new Map();
  }

  #send(mid: string, rtcp: Uint8Array): boolean {
    return this.#lines.get(mid)?.track.send(rtcp) ?? false;
  }

  #ask(): void {
    const nowUs = monotonicClock.nowUs();
    for (const source of this.sources) {
      source.ask(nowUs);
      this.#repairTimer.wakeBy(source.nextDeadlineUs, nowUs);
    }
  }
}

function sentTracks(lines: readonly Line[]): SentTrack[] {
  return lines.flatMap(({ request, media, negotiated }) => {
    const ssrc = primarySsrc(media);
    if (!request || ssrc === undefined) return [];
    const { mid, extensions, payloadType, rtxPayloadType, fecPayloadType } = negotiated;
    const { streamId, mediaType, encoding = 'main' } = request;
    const extensionIds = { ...extensions, absCaptureTime: extensions.absoluteCaptureTime };
    const types = { payloadType, rtxPayloadType, fecPayloadType };
    return [{ mid, streamId, mediaType, encoding, ssrc, ...types, extensionIds }];
  });
}

/** The SSRC of an m-line's media: the first that is not one of its repeats or parity. */
function primarySsrc({ ssrcs, rtxSsrcs, fecSsrcs }: Line['media']): number | undefined {
  const repairs = new Set([...rtxSsrcs.values(), ...fecSsrcs.values()]);
  return ssrcs.find((ssrc) => !repairs.has(ssrc));
}
