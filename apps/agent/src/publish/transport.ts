import { Emitter } from '@longreach/kit';
import {
  type GatewayMachineStats,
  isNoticeName,
  type Lease,
  noticeSchemas,
  type RequestEnvelope,
} from '@longreach/protocol';
import { machineClock } from '../local/machine-clock.ts';
import { GatewayReporter } from './gateway-reporter.ts';
import { GuardClient } from './guard-client.ts';
import { linkOpenerOf } from './link-opener.ts';
import type { Log } from './log.ts';
import { answerRequest, type MachineParts } from './machine-requests.ts';
import { MediaClient, type ProducedTrack } from './media-client.ts';
import type { ConnectionStats, OfferParts } from './media-connection.ts';
import { PeerSession } from './peer-session.ts';
import { ReportSender } from './report-sender.ts';
import { SignalingLink } from './signaling-link.ts';
import { StreamKeyFrames } from './stream-key-frames.ts';
import { StreamRates } from './stream-rates.ts';
import type { TransportOptions } from './transport-options.ts';
import { WatchedTracks } from './watched-tracks.ts';

/** Events of the transport. */
export type TransportEvents = {
  /** For the transport that follows this one. */
  resumeTokenChanged: { token: string | undefined };
};

/** Joins the machine's local processes with the server and its media worker. */
export class Transport extends Emitter<TransportEvents> {
  readonly #options: TransportOptions;
  readonly #log: Log;
  readonly #guard: GuardClient;
  readonly #media: MediaClient;
  readonly #link: SignalingLink;
  readonly #peer: PeerSession;
  readonly #reports: ReportSender;
  readonly #keyFrames: StreamKeyFrames;
  readonly #demand: WatchedTracks;
  readonly #rates: StreamRates;
  readonly #gateway: GatewayReporter;
  #closed = false;

  constructor(options: TransportOptions, log: Log) {
    super();
    this.#options = options;
    this.#log = log;
    this.#guard = new GuardClient(options.runtimeDir);
    this.#media = new MediaClient(options.runtimeDir);
    this.#demand = new WatchedTracks({
      activeTracks: () => this.#media.activeTracks(),
      stop: (track) => this.#produce(track, false),
    });
    this.#rates = new StreamRates({
      streams: options.encodings,
      clock: machineClock,
      path: () => this.#peer.path,
      hasAudio: () => this.#media.activeTracks().some(({ mediaType }) => mediaType === 'audio'),
      order: (order) => this.#media.setEncodeParameters(order),
      notify: (notice) =>
        this.#link.notify('streamRate', { deviceId: options.deviceId, ...notice }),
      log,
    });
    this.#keyFrames = new StreamKeyFrames(machineClock, (streamId, encoding) =>
      this.#media.requestKeyFrame(streamId, encoding),
    );
    this.#link = new SignalingLink({
      open: linkOpenerOf(options),
      login: loginOf(options),
      resumeToken: options.resumeToken,
      log,
    });
    this.#peer = new PeerSession({
      streams: options.streams,
      smallStreamIds: options.encodings
        .filter(({ isAdaptive }) => isAdaptive)
        .map(({ streamId }) => streamId),
      voice: options.voice,
      bindAddress: options.bindAddress,
      rateBounds: () => this.#rates.bounds(),
      log,
      exchange: (offer) => this.#exchange(offer),
      isLinkReady: () => this.#link.isReady(),
    });
    this.#reports = new ReportSender({
      nowUs: () => machineClock.nowUs(),
      clockOffset: () => this.#peer.clockOffset(),
      send: (frame) => this.#peer.sendReport(frame),
    });
    this.#gateway = this.#createGatewayReporter();
    this.#wireLink();
    this.#wireMedia();
    this.#wireGuard();
  }

  /** What the supervisor knows of the computer and the machine's processes. */
  handleMachineStats(stats: GatewayMachineStats): void {
    this.#gateway.handleMachine(stats);
  }

  /** Counters of the working connection, if there is one. */
  stats(): ConnectionStats | undefined {
    return this.#peer.stats();
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#gateway.close();
    this.#demand.close();
    this.#rates.close();
    this.#reports.close();
    this.#keyFrames.close();
    this.#peer.close();
    this.#link.close();
    this.#media.close();
    this.#guard.close();
    this.clear();
  }

  #createGatewayReporter(): GatewayReporter {
    const { version, streams, encodings, deviceId } = this.#options;
    return new GatewayReporter({
      clock: machineClock,
      softwareVersion: version,
      streams,
      encodings,
      sentEncodings: () =>
        this.#media.activeTracks().filter(({ mediaType }) => mediaType === 'video'),
      senderOf: (streamId, encoding) => this.#peer.path?.senderOf(streamId, encoding),
      stateOf: (streamId, encoding) => this.#rates.stateOf(streamId, encoding),
      takePathFacts: () => this.#peer.takePathFacts(),
      askMedia: () => this.#media.askStats(),
      send: (stats) => this.#link.notify('gatewayStats', { deviceId, stats }),
    });
  }

  #wireLink(): void {
    this.#link.on('ready', ({ resumed }) => {
      this.#tellLease(this.#guard.lease);
      this.#demand.handleLinkReady(resumed);
      this.#peer.handleLinkReady(resumed);
    });
    this.#link.on('lost', () => this.#demand.handleLinkLost());
    this.#link.on('requestReceived', (request) => void this.#handleRequest(request));
    this.#link.on('noticeReceived', ({ event, body }) => this.#handleNotice(event, body));
    this.#link.on('resumeTokenChanged', (change) => this.emit('resumeTokenChanged', change));
  }

  #wireMedia(): void {
    this.#media.on('frameEncoded', (frame) => {
      if (frame.mediaType === 'video' && frame.key) {
        this.#keyFrames.handleKeyFrame(frame.streamId, frame.encoding);
      }
      this.#peer.sendFrame(frame);
    });
    this.#media.on('statsTaken', (stats) => this.#gateway.handleMedia(stats));
    this.#media.on('inputChanged', (notice) => {
      this.#gateway.handleInput(notice);
      const { streamId, state, message } = notice;
      this.#log.info({ streamId, state, detail: message }, 'input state');
    });
    this.#peer.on('keyFrameWanted', ({ streamId, encoding }) =>
      this.#keyFrames.want(streamId, encoding),
    );
    this.#peer.on('voiceReceived', (frame) => this.#media.sendVoice(frame));
    this.#peer.on('begun', () => this.#wantKeyFrames());
  }

  #wantKeyFrames(): void {
    for (const { streamId, mediaType, encoding } of this.#media.activeTracks()) {
      if (mediaType === 'video') this.#keyFrames.want(streamId, encoding);
    }
  }

  #wireGuard(): void {
    this.#peer.on('commandReceived', (frame) => this.#guard.sendCommand(frame));
    this.#guard.on('leaseChanged', (lease) => this.#tellLease(lease));
    this.#guard.on('statusChanged', (status) => this.#reports.handleStatus(status));
    this.#guard.on('vehicleMoved', (state) => this.#reports.handleVehicle(state));
    this.#guard.on('disconnected', () => this.#reports.handleGuardLost());
  }

  async #exchange(offer: OfferParts): Promise<string> {
    const { deviceId } = this.#options;
    const reply = await this.#link.request('offer', { deviceId, ...offer });
    return (reply as { sdp: string }).sdp;
  }

  async #handleRequest({ id, verb, body }: RequestEnvelope): Promise<void> {
    const parts: MachineParts = {
      streams: this.#options.streams,
      guard: this.#guard,
      rates: this.#rates,
      produce: (track, active) => {
        this.#produce(track, active);
        this.#demand.handleInvite(track);
      },
    };
    const reply = await answerRequest(verb, body, parts);
    this.#link.reply(id, reply.code, reply.message, reply.body);
  }

  /** An encoder that starts knows its rate before its first picture. */
  #produce(track: ProducedTrack, active: boolean): void {
    const { streamId, mediaType, encoding } = track;
    if (mediaType === 'video') {
      this.#rates.setActive(streamId, encoding, active);
      if (active && !this.#media.produces(track)) {
        this.#peer.path?.senderOf(streamId, encoding)?.startStats();
      }
    }
    this.#media.produce(track, active);
  }

  #handleNotice(event: string, body: unknown): void {
    if (!isNoticeName(event) || event !== 'connectionLost') return;
    const notice = noticeSchemas[event].safeParse(body);
    if (!notice.success) return;
    const { connectionId, reason } = notice.data;
    this.#peer.handleConnectionLost(connectionId, reason);
  }

  #tellLease(lease: Lease | undefined): void {
    if (lease) this.#link.notify('leaseChanged', { deviceId: this.#options.deviceId, lease });
  }
}

function loginOf(options: TransportOptions) {
  const { deviceId, deviceName, deviceType, secret, version, forceLogin, streams } = options;
  const role = 'field' as const;
  return { role, deviceId, deviceName, deviceType, secret, version, forceLogin, streams };
}
