/**
 * Signaling: JSON text messages over a link (WebSocket at `/signaling`; MQTT in public mode).
 * Either side may ask; every request gets exactly one reply with a `NetworkErrorCode`.
 * Notices get no reply. All schemas are strict about types and drop nothing silently: unknown keys are refused.
 */
import { z } from 'zod';
import type { NetworkErrorCode } from './codes.ts';
import { gatewayStatsSchema } from './gateway-stats.ts';
import { deviceIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { serverStatsSchema } from './server-stats.ts';

/** Version of the envelope; a peer of another version is refused with InvalidParameters. */
export const signalingVersion = 1;

const streamIdSchema = z
  .int()
  .min(0)
  .max(limits.streamsPerDevice - 1);
const mediaTypeSchema = z.enum(['video', 'audio']);
const midSchema = z
  .string()
  .min(1)
  .max(16)
  .regex(/^[A-Za-z0-9]+$/);
const connectionIdSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9:._-]+$/);
const sdpSchema = z.string().max(limits.signalingMessageBytes);
const nameSchema = z.string().min(1).max(128);

/** What a machine says about one of its streams. */
export const streamInfoSchema = z.strictObject({
  streamId: streamIdSchema,
  name: nameSchema,
  width: z.int().min(16).max(8192),
  height: z.int().min(16).max(8192),
  fps: z.number().min(1).max(240),
  mediaTypes: z.array(mediaTypeSchema).min(1).max(2),
});
export type StreamInfo = z.infer<typeof streamInfoSchema>;

/**
 * Which of a stream's encodings: `main` follows the uplink and the master's downlink; `small` is for guests on weaker
 * links and runs only while one needs it.
 */
const encodingSchema = z.enum(['main', 'small']);
export type Encoding = z.infer<typeof encodingSchema>;

/** Which stream a slot (mid) of a connection shows or publishes. */
export const slotSchema = z.strictObject({
  mid: midSchema,
  streamId: streamIdSchema,
  mediaType: mediaTypeSchema,
  /** Only where a machine publishes; absent = main. */
  encoding: encodingSchema.optional(),
});
export type Slot = z.infer<typeof slotSchema>;

/** Who holds a machine's master lease. The token is present only for the master itself and the server. */
export const leaseSchema = z.strictObject({
  /** Only grows, over restarts of the machine too. */
  epoch: z.int().min(0).max(0xffffffff),
  masterId: deviceIdSchema.nullable(),
  /** Why it is so: granted, released, left, expired, refused, revoked, restarted. */
  reason: z.string().max(64),
  /** 8 random bytes, hexadecimal. */
  token: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
});
export type Lease = z.infer<typeof leaseSchema>;

export const gatewaySchema = z.strictObject({
  deviceId: z.string(),
  deviceName: z.string(),
  deviceType: z.string(),
  streamCount: z.int(),
  status: z.enum(['offline', 'ready', 'connected']),
  version: z.string(),
  licenseExpire: z.number().optional(),
});

const toMachine = { deviceId: deviceIdSchema };
const empty = z.strictObject({});

/** Bodies of requests by verb, client to server unless said. */
export const requestSchemas = {
  /** First message of a link. `secret`: a device's key or a remote device's login token. */
  login: z.strictObject({
    role: z.enum(['field', 'remote']),
    deviceId: deviceIdSchema,
    deviceName: nameSchema.optional(),
    deviceType: nameSchema.optional(),
    secret: z.string().min(1).max(4096),
    version: z.string().max(64),
    /** Same id online already: 0 = this login is refused, 1 = the older one is kicked. */
    forceLogin: z.union([z.literal(0), z.literal(1)]).default(0),
    /** Field devices only. */
    streams: z.array(streamInfoSchema).max(limits.streamsPerDevice).optional(),
  }),
  /** First message of a link that continues a session. */
  resume: z.strictObject({ resumeToken: z.string().min(1).max(4096) }),
  logout: empty,
  listGateways: empty,
  /** Which node serves the room of this field device. */
  schedule: z.strictObject(toMachine),
  join: z.strictObject(toMachine),
  leave: z.strictObject(toMachine),
  /** Opens (or replaces) one peer connection; the reply carries the answer. */
  offer: z.strictObject({
    ...toMachine,
    connectionId: connectionIdSchema,
    sdp: sdpSchema,
    slots: z.array(slotSchema).max(3 * limits.streamsPerDevice),
    /**
     * The audio m-line whose payloads are whole packets for the datagram player, and the virtual mids of the video
     * slots inside it; the place in the list is the SSRC of the packets inside. A machine's has none: it carries
     * messages alone, as that of a player does besides.
     */
    datagram: z
      .strictObject({ mid: midSchema, slots: z.array(midSchema).max(limits.streamsPerDevice) })
      .optional(),
  }),
  /** Closes one peer connection on purpose; the session stays. */
  closeConnection: z.strictObject({ ...toMachine, connectionId: connectionIdSchema }),
  /** Sets what a slot shows; no renegotiation. */
  subscribe: z.strictObject({
    ...toMachine,
    connectionId: connectionIdSchema,
    ...slotSchema.shape,
  }),
  unsubscribe: z.strictObject({
    ...toMachine,
    connectionId: connectionIdSchema,
    mid: midSchema,
  }),
  /** `master` asks for the lease, `guest` gives it back. The machine decides. */
  permission: z.strictObject({ ...toMachine, permission: z.enum(['master', 'guest']) }),
  /** Any participant, at any time. */
  emergencyStop: z.strictObject(toMachine),
  /** The stream that the master drives by: it keeps its quality longest when the rate gets scarce. Master only. */
  setMainStream: z.strictObject({ ...toMachine, streamId: streamIdSchema }),
  setEncodeParameters: z.strictObject({
    ...toMachine,
    streamId: streamIdSchema,
    bitrateBps: z.int().min(50_000).max(100_000_000).optional(),
    fps: z.number().min(1).max(240).optional(),
  }),
  /** Opaque text between two members of a room. Without `to`: a remote's goes to the machine, the machine's to everybody. */
  customData: z.strictObject({
    ...toMachine,
    to: deviceIdSchema.optional(),
    data: z.string().max(limits.reliablePayloadBytes),
  }),
} as const;
export type RequestVerb = keyof typeof requestSchemas;
export type RequestBody<Verb extends RequestVerb> = z.infer<(typeof requestSchemas)[Verb]>;

/** Bodies of the server's requests to a machine. */
export const machineRequestSchemas = {
  /** Start (or stop) producing one track: somebody (nobody) watches it. */
  invite: z.strictObject({
    streamId: streamIdSchema,
    mediaType: mediaTypeSchema,
    active: z.boolean(),
    /** Absent = main. */
    encoding: encodingSchema.optional(),
  }),
  permission: z.strictObject({ remoteId: deviceIdSchema, permission: z.enum(['master', 'guest']) }),
  /** A remote device is gone for good; its lease ends. */
  remoteLeft: z.strictObject({ remoteId: deviceIdSchema }),
  emergencyStop: z.strictObject({ remoteId: deviceIdSchema }),
  setMainStream: requestSchemas.setMainStream.omit({ deviceId: true }),
  setEncodeParameters: requestSchemas.setEncodeParameters.omit({ deviceId: true }),
} as const;
export type MachineRequestVerb = keyof typeof machineRequestSchemas;
export type MachineRequestBody<Verb extends MachineRequestVerb> = z.infer<
  (typeof machineRequestSchemas)[Verb]
>;

/** Bodies of successful replies by verb; a verb that is not listed replies with no body. */
export const replySchemas = {
  login: z.strictObject({ resumeToken: z.string(), heartbeatMs: z.int() }),
  resume: z.strictObject({
    resumeToken: z.string(),
    heartbeatMs: z.int(),
    /** Rooms that the session is still in. */
    rooms: z.array(z.string()),
  }),
  listGateways: z.strictObject({ gateways: z.array(gatewaySchema) }),
  schedule: z.strictObject({ nodeId: z.string() }),
  join: z.strictObject({
    roomId: z.string(),
    online: z.boolean(),
    streams: z.array(streamInfoSchema),
    lease: leaseSchema,
    iceServers: z.array(z.looseObject({ urls: z.union([z.string(), z.array(z.string())]) })),
  }),
  /** `sdp` is the answer. */
  offer: z.strictObject({ sdp: sdpSchema }),
  permission: z.strictObject({ lease: leaseSchema }),
} as const;
export type ReplyBody<Verb extends keyof typeof replySchemas> = z.infer<
  (typeof replySchemas)[Verb]
>;

/** Bodies of notices by event name. Who sends which stands beside each. */
export const noticeSchemas = {
  /** Both ways: the sign of life, from the sender's own loop. */
  alive: empty,
  /** Machine to server: the lease changed. Server to remotes: the same, the token to the master only. */
  leaseChanged: z.strictObject({ ...toMachine, lease: leaseSchema }),
  /** Server to remotes. */
  gatewaysChanged: z.strictObject({ gateways: z.array(gatewaySchema) }),
  /** Server to the members of a room. */
  machinePresence: z.strictObject({
    ...toMachine,
    state: z.enum(['online', 'suspect', 'offline']),
    streams: z.array(streamInfoSchema),
  }),
  /** Server to both sides: this connection's worker is gone or dropped it; offer again. */
  connectionLost: z.strictObject({
    ...toMachine,
    connectionId: connectionIdSchema,
    reason: z.string(),
  }),
  /** Server to a link that it closes. */
  kickedOut: z.strictObject({ reason: z.string() }),
  /** Server to a link whose transport has no closing codes (MQTT): the link is over; code and reason as a WebSocket's. */
  linkClosed: z.strictObject({ code: z.int(), reason: z.string() }),
  customData: z.strictObject({ ...toMachine, from: z.string(), data: z.string() }),
  /** Machine to server, server to the members of the room: the network carries less than a stream's `min_bps`, or enough again. */
  streamRate: z.strictObject({
    ...toMachine,
    streamId: streamIdSchema,
    state: z.enum(['ok', 'belowMinimum']),
    /** What the network leaves for the stream, bit/s. */
    bitrateBps: z.int().min(0),
  }),
  /** Machine to server every two seconds, server to the members of the room; at most one a second, more are dropped. */
  gatewayStats: z.strictObject({ ...toMachine, stats: gatewayStatsSchema }),
  /** Server to each member of a room, every two seconds: its own part in what that member sees. */
  serverStats: z.strictObject({ ...toMachine, stats: serverStatsSchema }),
  /** Server to machine: so many remote devices are in the room. */
  audience: z.strictObject({ remotes: z.int() }),
} as const;
export type NoticeName = keyof typeof noticeSchemas;
export type NoticeBody<Name extends NoticeName> = z.infer<(typeof noticeSchemas)[Name]>;

const version = z.literal(signalingVersion);
const requestIdSchema = z.int().min(0).max(0x7fffffff);

/** The envelope of every message: a request, its reply, or a notice. */
export const requestEnvelopeSchema = z.strictObject({
  v: version,
  id: requestIdSchema,
  verb: z.string().max(64),
  body: z.unknown(),
});
export const replyEnvelopeSchema = z.strictObject({
  v: version,
  re: requestIdSchema,
  code: z.int(),
  message: z.string(),
  body: z.unknown().optional(),
});
export const noticeEnvelopeSchema = z.strictObject({
  v: version,
  event: z.string().max(64),
  body: z.unknown(),
});

export type RequestEnvelope = { v: 1; id: number; verb: string; body: unknown };
export type ReplyEnvelope = {
  v: 1;
  re: number;
  code: NetworkErrorCode;
  message: string;
  body?: unknown;
};
export type NoticeEnvelope = { v: 1; event: string; body: unknown };
export type Envelope = RequestEnvelope | ReplyEnvelope | NoticeEnvelope;
