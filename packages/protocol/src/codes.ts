/** Codes of every signaling reply. Public, never reused (source: the reference's `NetworkErrorCode`). */
export const NetworkErrorCode = {
  Success: 0,
  /** No such streamId on that machine. */
  StreamNotFound: 1001,
  MediaParameterError: 1002,
  /** The stream has no such medium. */
  TrackNotFound: 1003,
  /** The track exists, but nothing is published now. */
  NoTrackExists: 1004,
  MediaServerException: 1005,
  InvalidJson: 2001,
  InvalidParameters: 2002,
  UserNotJoined: 2003,
  UserRepeatedJoin: 2004,
  SourceUserNotExist: 2005,
  InvalidUserSignature: 2006,
  InvalidAuthServerSignature: 2007,
  ServerOverload: 2008,
  UnknownError: 9999,
} as const;
export type NetworkErrorCode = (typeof NetworkErrorCode)[keyof typeof NetworkErrorCode];

/** Codes of `onPeerConnectionState`. */
export const PeerConnectionCode = {
  connected: 0,
  new: 1,
  connecting: 2,
  failed: 3,
  disconnected: 4,
  closed: 5,
  reconnecting: 6,
  not_support: 255,
  limit_exceeded: 256,
} as const;
export type PeerConnectionCode = (typeof PeerConnectionCode)[keyof typeof PeerConnectionCode];

/** Codes of the `autoplay` event; 20 and above occur in public cloud mode only. */
export const AutoplayCode = {
  Success: 0,
  Failed: -1,
  MqttClientNotFound: 20,
  MqttClientNotConnected: 21,
  MqttPublishFailed: 22,
  MqttSessionIdNotFound: 25,
} as const;
export type AutoplayCode = (typeof AutoplayCode)[keyof typeof AutoplayCode];

/** Why the worker or the guard did not release a command. On the wire as one byte. */
export const RefusalCode = {
  None: 0,
  Malformed: 1,
  NotMaster: 2,
  WrongToken: 3,
  OldEpoch: 4,
  OutOfOrder: 5,
  Expired: 6,
  StalePicture: 7,
  NotArmed: 8,
  EmergencyStop: 9,
  TooLarge: 10,
  TooOften: 11,
} as const;
export type RefusalCode = (typeof RefusalCode)[keyof typeof RefusalCode];
