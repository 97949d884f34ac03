/**
 * What a diagnosis is made of: what machine, server and browser knew of each stream, every 2 s. Every figure may be
 * absent: a figure that is not known never makes a fault. Counts are those of the sample's period.
 */
import type {
  ConnectionState,
  Encoding,
  GuardMode,
  MqttConnectionState,
  PermissionState,
  RefusalCode,
  SignalingState,
  WebRTCStats,
} from '@longreach/protocol';

/** Figures of which any may be unknown. */
type Partly<T> = { [Key in keyof T]?: T[Key] | undefined };

/** The camera of one stream, at the machine. */
export type CameraFigures = Partly<{
  /** Pictures a second that the camera is asked for now; less than configured while the rate wants fewer. */
  expectedFps: number;
  /** Pictures a second that it gave. */
  capturedFps: number;
  /** Longest time between two pictures, one that still goes on included, ms. */
  longestGapMs: number;
}>;

/** The encoder of one stream, at the machine. */
export type EncoderFigures = Partly<{
  encodedFps: number;
  /** Per picture: mean, and the time that 95 % of the pictures stay below, ms. */
  encodeTimeMs: number;
  encodeTimeP95Ms: number;
  /** Pictures that found the encoder busy and were dropped. */
  picturesDroppedBusy: number;
  /** Pictures left out on purpose, because the rate does not carry them or wants fewer a second. */
  picturesLeftOut: number;
  /** The most that the stream may take: as configured, or as somebody asked for since, bit/s. */
  configuredBitrateBps: number;
  /** What the encoder is told now, and what it makes, bit/s. */
  targetBitrateBps: number;
  actualBitrateBps: number;
  /** From encoded to handed to the network, mean, ms. */
  encodedToSentMs: number;
  /** Its share of the rate is below the least that is worth sending. */
  isBelowMinimum: boolean;
}>;

/** The machine's link to the server, as its congestion control sees it. */
export type UplinkFigures = Partly<{
  /** All that may leave, repair included, bit/s. */
  estimateBps: number;
  /** What all streams that run may take together, bit/s. */
  configuredBps: number;
  /** What the server says that the viewers' links take of video, bit/s. */
  viewerLimitBps: number;
  /** Packets that the network lost, before any repair, 0 to 1. */
  lossShare: number;
  roundTripMs: number;
  /** How long packets wait on the way beyond its least, ms. */
  queueDelayMs: number;
  /** Share of the time in which nothing was heard of what was sent, 0 to 1. */
  outageShare: number;
  /** Bytes of parity and repeats for each byte of media. */
  repairShare: number;
}>;

/** What the machine knows. */
export type MachineFigures = Partly<{
  camera: CameraFigures;
  encoder: EncoderFigures;
  uplink: UplinkFigures;
  /** Share of one core by process; may be above 1. */
  cpuShareByProcess: Readonly<Record<string, number>>;
  /** Commands that reached the guard, and those of them that it released. */
  commandsReceived: number;
  commandsReleased: number;
}>;

/** One stream as it reaches the server. */
export type ServerStreamFigures = Partly<{
  receivedFps: number;
  bitrateBps: number;
  packetsReceived: number;
  /** Packets that did not come at first, and what became of them. */
  packetsLost: number;
  packetsRecovered: number;
  packetsGivenUp: number;
}>;

/** The media worker that forwards the stream. */
export type WorkerFigures = Partly<{
  /** How late its event loop ran, p99, ms. */
  eventLoopDelayP99Ms: number;
  /** From a packet's arrival to its departure, p99, ms. */
  forwardDelayP99Ms: number;
}>;

/** The connection from the server to this viewer, as the server sees it. */
export type ViewerFigures = Partly<{
  estimateBps: number;
  lossShare: number;
  roundTripMs: number;
  queueDelayMs: number;
  encoding: Encoding;
}>;

/** What the server knows. */
export type ServerFigures = Partly<{
  stream: ServerStreamFigures;
  worker: WorkerFigures;
  viewer: ViewerFigures;
  /** This viewer's commands that were passed on to the machine. */
  commandsPassed: number;
}>;

/** The way of commands as the browser sees it. */
export type ControlFigures = Partly<{
  permission: PermissionState;
  commandsSent: number;
  /** Commands refused by the browser itself, the server or the machine, by `RefusalCode`. */
  refused: Partly<Record<RefusalCode, number>>;
  /** Command sent → seen as released in the machine's report, ms. */
  roundTripMs: number;
  /** Time in which the channel could take no command, ms. */
  blockedMs: number;
  loopAgeMs: number;
  guardMode: GuardMode;
  /** Longest time between two state reports of the machine, one that still goes on included, ms. */
  longestReportGapMs: number;
}>;

/** What the browser knows. Of a stream that is paused or not shown the stats are left out: they would look like an outage. */
export type BrowserFigures = Partly<{
  stats: WebRTCStats;
  /** Pictures that the decoder dropped. */
  picturesDropped: number;
  /** Pictures that wait for the decoder. */
  decodeQueuePictures: number;
  /** Pictures a second that were on screen; `stats.fps` where absent. */
  presentedFps: number;
  /** Time in which the page was hidden, ms. */
  hiddenMs: number;
  /** Longest time in which the page's main thread, and the player's worker, did nothing, ms. */
  longestPageStallMs: number;
  longestWorkerStallMs: number;
  clockUncertaintyMs: number;
  /** Steps of the machine's clock against the page's, ms, with their sign. */
  clockStepsMs: readonly number[];
  control: ControlFigures;
}>;

/** One stream over one collection period. */
export type StreamSample = {
  /** End of the period, ms; any clock that all samples share. */
  atMs: number;
  /** Default 2,000. */
  periodMs?: number | undefined;
  machine?: MachineFigures | undefined;
  server?: ServerFigures | undefined;
  browser?: BrowserFigures | undefined;
};

/** One stream: its samples in any order, those of its last minute count. */
export type StreamInput = {
  streamId: number;
  samples: readonly StreamSample[];
  /** The media connections at the end: machine to server, and server to browser. */
  fieldMedia?: ConnectionState | undefined;
  remoteMedia?: ConnectionState | undefined;
};

/** How each side is connected, for the report. */
export type SideInput = Partly<{
  /** How it is connected, in its own words, e.g. `server, datagram player`. */
  mode: string;
  signaling: SignalingState;
  /** `unused` in private mode. */
  mqtt: MqttConnectionState | 'unused';
}>;

/** Everything that is known of one machine's streams. */
export type DiagnosisInput = {
  deviceId: string;
  /** Each stream that is watched, in any order. */
  streams: readonly StreamInput[];
  field?: SideInput | undefined;
  remote?: SideInput | undefined;
  /** Process id of the machine's software. */
  fieldPid?: string | undefined;
  /** What the licence check said: `ok` or an error text. */
  licenseCheck?: string | undefined;
  /** Why nothing could be collected. */
  error?: string | undefined;
};
