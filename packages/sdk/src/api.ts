import type { Unsubscribe } from '@longreach/kit';
import type {
  CloudMode,
  Command,
  ConnectionState,
  Gateway,
  GatewayStats,
  GuardMode,
  Lease,
  MediaType,
  MqttConnectionState,
  OnEventResponse,
  PeerConnectionCode,
  PermissionState,
  RefusalCode,
  RoomState,
  SDKMode,
  ServerStats,
  SignalingState,
  StateReport,
  StreamInfo,
} from '@longreach/protocol';
import type { Diagnosis } from './diagnosis/diagnosis.ts';

/** How a client finds its server and what it may do there. */
export type ClientOptions = {
  /** WebSocket URL of the signaling endpoint, e.g. `wss://host/signaling`. */
  url: string;
  /**
   * Default `private`: signaling over the WebSocket at `url`. `public` and `public_intl`: over MQTT; device ids are
   * `${projectId}/${deviceId}` then, and one without a project is of the project `default`.
   */
  cloudMode?: CloudMode;
  /** Public modes only. `url`: WebSocket of the MQTT broker. Default: `/mqtt` beside `url`, e.g. `wss://host/mqtt`. */
  mqtt?: { url: string };
  /** Default `server`. */
  sdkMode?: SDKMode;
  /** Asks for the master lease right after each connect. Default false: taking control is a deliberate act. */
  autoPermission?: boolean;
  /** Period of `webrtcStats`, ms: 100 to 60 000. Default 2000. */
  statsPeriodMs?: number;
  player?: PlayerOptions;
  observer?: MediaObserver;
};

/**
 * Who receives the pictures: `datagram` = our own receiver with parity, repair and jitter buffer in a worker; `rtp` =
 * the browser's.
 */
export type PlayerKind = 'rtp' | 'datagram';

/** How pictures are shown. */
export type PlayerOptions = {
  /**
   * Default `auto`: the datagram player where the browser can, else `rtp`. A session whose datagram player fails goes
   * on with `rtp` (`playerChanged`).
   */
  kind?: 'auto' | PlayerKind;
  /**
   * Default true: a picture is shown as soon as it is decoded. False leaves buffering to the browser (some 50 ms more,
   * smoother over a jittery path): its own jitter buffer target, and no playout delay in the offer.
   */
  lowLatency?: boolean;
};

export type LoginOptions = {
  deviceId: string;
  deviceName?: string;
  /** Login token or device key. */
  secret: string;
  /** 1 = kick an older login of the same id. Default 0. */
  forceLogin?: 0 | 1;
};

export type ConnectOptions = {
  /** Streams to show at once, one slot each, in this order. Default: all streams that have video. */
  streams?: number[];
  /** Slots to reserve. Default: the number of `streams`. */
  slots?: number;
  /** Play the machine's sound. Default true. */
  audio?: boolean;
};

/** Callbacks with the reference's names; every one is optional. */
export type MediaObserver = {
  /** Public modes only. */
  onMqttConnectionState?(param: { state: MqttConnectionState; message?: string }): void;
  onSignalingState?(param: { state: SignalingState; data: object }, roomId: string): void;
  onRoomState?(param: { deviceId: string; state: RoomState }): void;
  onPeerConnectionState?(param: PeerConnectionStateEvent): void;
  onConnected?(param: { deviceId: string }): void;
  onDisconnected?(param: { deviceId: string; reason: string }): void;
  onKickedOut?(param: { reason: string }): void;
  onPermissionState?(param: PermissionEvent): void;
  onReportData?(param: { deviceId: string; data: Uint8Array }): void;
  onGatewayListChanged?(gateways: Gateway[]): void;
  onError?(error: Error): void;
  onEvent?(event: OnEventResponse): void;
};

export type PeerConnectionStateEvent = {
  deviceId: string;
  /** `server2` only. */
  streamId?: number;
  /** `server2` only. */
  mediaType?: MediaType;
  state: ConnectionState | 'closed';
  code: PeerConnectionCode;
  message: string;
  data: object;
};

export type PermissionEvent = {
  deviceId: string;
  /** This remote device's own permission. */
  permission: PermissionState;
  masterId: string | null;
  epoch: number;
  reason: string;
};

/** How old the newest picture of a stream is, ms; thresholds in `pictureAge`. */
export type PictureState = 'none' | 'fresh' | 'old' | 'stale';

/** A picture older than `oldMs` is dimmed and marked, older than `staleMs` no command leaves. */
export const pictureAge = { oldMs: 300, staleMs: 500 } as const;

/** The head-up figures of one shown stream, each second. */
export type StreamFigures = {
  deviceId: string;
  streamId: number;
  /** Capture to presentation, mean over the last second, ms; absent while the clock is unknown. */
  latencyMs?: number;
  /** How far that may be off because of the clocks, ms. */
  latencyUncertaintyMs?: number;
  /** Capture to arrival at the media worker, ms; absent while the worker or the clock told nothing. */
  latency1Ms?: number;
  latency1UncertaintyMs?: number;
  /** Arrival at the media worker to presentation, ms. */
  latency2Ms?: number;
  latency2UncertaintyMs?: number;
  fps: number;
  bitrateMbps?: number;
  /** %. */
  lostPct?: number;
  /** Share of the last ten seconds frozen for more than 150 ms, %. */
  lag150Pct: number;
  /** Gaps of more than 150 ms since connect. */
  freezes: number;
  width: number;
  height: number;
};

/** Events of the client; the observer gets the same under the reference's names. */
export type ClientEvents = {
  /** Public modes only. Its transitions: docs/4-reference/mqtt.md. */
  mqttStateChanged: { state: MqttConnectionState; message?: string };
  signalingStateChanged: { state: SignalingState; roomId: string; data: object };
  roomStateChanged: { deviceId: string; state: RoomState };
  peerConnectionStateChanged: PeerConnectionStateEvent;
  connected: { deviceId: string };
  disconnected: { deviceId: string; reason: string };
  kickedOut: { reason: string };
  permissionChanged: PermissionEvent;
  reportReceived: { deviceId: string; data: Uint8Array };
  stateReported: { deviceId: string; report: StateReport };
  gatewayListChanged: Gateway[];
  /** The machine's link: online, suspect (500 ms silent) or offline. */
  machinePresenceChanged: { deviceId: string; state: 'online' | 'suspect' | 'offline' };
  pictureStateChanged: { deviceId: string; streamId: number; state: PictureState; ageMs: number };
  figuresUpdated: StreamFigures;
  /** This session's pictures come by `kind` from now on: at its start, and when the datagram player cannot go on. */
  playerChanged: { deviceId: string; kind: PlayerKind; reason: string };
  /** What the server says of its own part, every two seconds. */
  serverStatsReported: { deviceId: string; stats: ServerStats };
  /** Quality fell, and a diagnosis began by itself: at most once a minute for each machine. */
  diagnosed: { deviceId: string; diagnosis: Diagnosis };
  /** A command was not passed on (worker) or not released (machine). */
  commandRefused: { deviceId: string; code: RefusalCode; by: 'worker' | 'machine' | 'client' };
  event: OnEventResponse;
  errorOccurred: Error;
};

/** What a diagnosis looks at. */
export type DiagnosisOptions = {
  /** How far back, ms; at most 60 s. Default 10 s. */
  lookBackMs?: number;
  /** How long it goes on collecting, ms; at most 60 s. Default 6 s. */
  durationMs?: number;
};

/** What a caller puts into a drive command; the client adds sequence, lease and capture time. */
export type DriveInput = { axes: number[]; buttons?: number };

/** The client as the cockpit and other pages use it. */
export type LongreachClientApi = {
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ): Unsubscribe;
  login(options: LoginOptions): Promise<void>;
  logout(): Promise<void>;
  getGatewayList(): Promise<Gateway[]>;
  /** Resolves when the media path is up; rejects with a catalogue error. */
  connect(deviceId: string, options?: ConnectOptions): Promise<{ streams: StreamInfo[] }>;
  disconnect(deviceId: string): Promise<void>;
  disconnectAll(): Promise<void>;
  /**
   * Shows a stream in `element`. An element shows one stream at a time; attaching another switches the
   * slot behind it on the server, without a new connection. Gives a function that detaches.
   */
  attach(deviceId: string, streamId: number, element: HTMLVideoElement): Promise<Unsubscribe>;
  /** Exchanges what two elements show, without touching the connection. */
  swap(first: HTMLVideoElement, second: HTMLVideoElement): void;
  requestPermission(deviceId: string, permission?: PermissionState): Promise<PermissionEvent>;
  releasePermission(deviceId: string): Promise<PermissionEvent>;
  /**
   * Starts the command stream: `sample` is asked at `hz` (default 50) for absolute set-points; undefined sends nothing.
   * The stream stops by itself while the page is hidden, the main picture is stale, or the lease is not ours.
   */
  startDriving(
    deviceId: string,
    options: { mainStreamId: () => number; sample: () => DriveInput | undefined; hz?: number },
  ): Unsubscribe;
  /** Permits motion again after a stop. Master only. */
  rearm(deviceId: string): void;
  /** Stops the machine on every path at once. Anybody in the room. */
  emergencyStop(deviceId: string): Promise<void>;
  /** Sends opaque bytes; `qos` 0 may be lost, 1 is reliable. Throws a catalogue error when too large or not master. */
  sendControlData(deviceId: string, data: Uint8Array, qos?: 0 | 1): void;
  publishLocalTrack(deviceId: string, track: MediaStreamTrack): Promise<void>;
  unpublishLocalTrack(deviceId: string): Promise<void>;
  muteField(deviceId: string, muted: boolean): void;
  setEncodeParameters(
    deviceId: string,
    streamId: number,
    parameters: { bitrateBps?: number; fps?: number },
  ): Promise<void>;
  /**
   * Names the stage to blame for what goes wrong with the pictures or the commands of a machine, with the reference's
   * report. It disturbs nothing. Rejects with UserNotJoined, or with InvalidParameters for times out of range.
   */
  startDiagnosis(deviceId: string, options?: DiagnosisOptions): Promise<Diagnosis>;
  /** Present lease of a connected machine, without its token. */
  leaseOf(deviceId: string): Omit<Lease, 'token'> | undefined;
  /** Newest state that the machine reported. */
  stateOf(deviceId: string): StateReport | undefined;
};

export type { Command, Diagnosis, GatewayStats, GuardMode };
