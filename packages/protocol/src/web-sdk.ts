/**
 * The public types of the browser SDK: names, members and units are those of the reference.
 * What a browser cannot give is optional here; each such deviation is listed in docs/4-reference.
 */
import type { AutoplayCode } from './codes.ts';

/** State of a peer connection as a word. */
export type ConnectionState =
  | 'new'
  | 'connecting'
  | 'connected'
  | 'failed'
  | 'disconnected'
  | 'reconnecting'
  | 'not_support'
  | 'limit_exceeded';

/** Where the service runs. */
export type CloudMode = 'public' | 'public_intl' | 'private';

/** `server`: one peer connection per field device; `server2`: one per track. */
export type SDKMode = 'server' | 'server2';

/** A medium. */
export type MediaType = 'video' | 'audio';

/** Whether this remote device is in a room. */
export type RoomState = 'joining' | 'joined' | 'unjoined';

/** State of the signaling link. */
export type SignalingState =
  | 'new'
  | 'scheduling'
  | 'scheduled'
  | 'connecting'
  | 'connected'
  | 'disconnected'
  | 'closed'
  | 'reconnecting';

/** State of the MQTT link (public modes only). */
export type MqttConnectionState =
  | 'new'
  | 'connecting'
  | 'connected'
  | 'reconnecting'
  | 'error'
  | 'closed';

/** `master` may control, `guest` may watch. */
export type PermissionState = 'master' | 'guest';

/** A field device as the fleet list shows it. */
export type Gateway = {
  /** In public cloud mode `${projectId}/${fieldDeviceId}`. */
  deviceId: string;
  deviceName: string;
  deviceType: string;
  streamCount: number;
  /** `offline`, `ready` or `connected`. */
  status: string;
  /** Version of the field device's software. */
  version: string;
  /** Licence expiry, Unix time in seconds. */
  licenseExpire?: number;
};

/** Result of trying to play a track. */
export type OnEventAutoplayResponse = {
  type: 'autoplay';
  data: {
    code: AutoplayCode;
    message: string;
    fieldDeviceId: string;
    srcUserId: string;
    streamId: number;
    trackId: string;
    mediaType: MediaType;
    videoWidth?: number;
    videoHeight?: number;
  };
};

/**
 * Statistics of one track. Formulas: docs/5-explain/metrics.md.
 * A figure that a browser does not give is absent, never invented.
 */
export type WebRTCStats = {
  srcUserId: string;
  trackId: string;
  streamId: number;
  mediaType: MediaType;
  /** Mbps, current. */
  bitrate?: number;
  /** Cumulative. */
  packetsReceived?: number;
  /** Cumulative. */
  packetsLost?: number;
  /** %, current. */
  lost?: number;
  /** %, whole life. */
  lostAvg?: number;
  /** ms. */
  rtt?: number;
  /** ms. */
  rttAvg?: number;
  /** MIME type. */
  codec?: string;
  decoderImplementation?: string;
  decoderType: 'hardware' | 'software' | 'unknown';
  /** NACK packets sent, cumulative. */
  nack?: number;
  firCount?: number;
  /** Video only. */
  pliCount?: number;
  /** Cumulative, video only. */
  framesReceived?: number;
  /** Cumulative, video only. */
  framesDecoded?: number;
  /** Cumulative, video only. */
  keyFramesDecoded?: number;
  /** `${width}x${height}`, video only. */
  resolution?: string;
  /** Frames a second, video only. */
  fps?: number;
  /** ms, current, video only. */
  decodeTime?: number;
  /** ms, whole life, video only. */
  decodeTimeAvg?: number;
  /** ms, current, video only. */
  processingDelay?: number;
  /** ms, whole life, video only. */
  processingDelayAvg?: number;
  /** 0 to 1, audio only. */
  audioLevel?: number;
  /** **Seconds.** */
  jitter?: number;
  /** ms, current. */
  jitterBuffer?: number;
  /** ms, whole life. */
  jitterBufferAvg?: number;
  /** ms, current. */
  jitterBufferTarget?: number;
  /** ms, whole life. */
  jitterBufferTargetAvg?: number;
  /** Capture to presentation, ms, video only. */
  latency?: number;
  /** Capture to arrival at the media worker, ms. */
  latency1?: number;
  /** Arrival at the media worker to presentation, ms. */
  latency2?: number;
  /** Share of time frozen for more than 100 ms, %. */
  lag100?: number;
  /** Share of time frozen for more than 150 ms, %. */
  lag150?: number;
  nackDelta?: number;
  firCountDelta?: number;
  pliCountDelta?: number;
  framesReceivedDelta?: number;
  framesDecodedDelta?: number;
  packetsReceivedDelta?: number;
  packetsLostDelta?: number;
  /** Frames a second: mean of the last ten one-second counts without zeros, video only. */
  stableFps?: number;
};

/** One side's view of one stream in a diagnosis: `'ok'` or an error text; series at 2 s. */
export type DiagnosisFieldReport = {
  field_mode: string;
  signal_connect: string;
  media_connect: string;
  video_transfer: string;
  video_capture: string;
  video_encode: string;
  /** ms. */
  rtt: number[];
  /** %. */
  lost: number[];
  /** kbps. */
  bps: number[];
  /** Frames a second. */
  fps: number[];
};

/** The remote device's side of one stream in a diagnosis. */
export type DiagnosisRemoteReport = {
  remote_mode: string;
  signal_connect: string;
  media_connect: string;
  video_transfer: string;
  video_decode: string;
  /** %. */
  lag_k100: number;
  /** %. */
  lag_k150: number;
  /** ms. */
  rtt: number[];
  /** %. */
  lost: number[];
  /** kbps. */
  bps: number[];
  /** Frames a second. */
  fps: number[];
  /** ms. */
  latency: number[];
  webrtc_stats: WebRTCStats[];
};

/** What a diagnosis found. */
export type DiagnosisReport = {
  /** `'ok'` or an error text. */
  diag_error: string;
  device_id: string;
  field_pid?: string;
  license_check?: string;
  field_mqtt_connect?: string;
  remote_mqtt_connect: string;
  result: Array<{
    stream_id: number;
    field?: DiagnosisFieldReport;
    remote?: DiagnosisRemoteReport;
  }>;
};

/** Statistics of every track, once a collection period. */
export type OnEventWebRTCStatsResponse = { type: 'webrtcStats'; data: WebRTCStats[] };

/** Statistics of a field device. */
export type OnEventGatewayStatsResponse = {
  type: 'gatewayStats';
  // The reference types the member `any`; ours is `unknown`, which every reader can narrow: a machine of ours sends
  // `GatewayStats`.
  data: { fieldDeviceId: string; stats: unknown };
};

/** A local audio track is no longer published. */
export type OnEventLocalTrackUnpublishedResponse = {
  type: 'localTrackUnpublished';
  data: { trackId: string; mediaType: MediaType; reason: string };
};

/** Everything that `onEvent` hands out. */
export type OnEventResponse =
  | OnEventAutoplayResponse
  | OnEventWebRTCStatsResponse
  | OnEventGatewayStatsResponse
  | OnEventLocalTrackUnpublishedResponse;
