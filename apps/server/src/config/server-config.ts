import { availableParallelism } from 'node:os';
import { deviceIdSchema, fromPublicId, limits } from '@longreach/protocol';
import { z } from 'zod';
import { StartError, StartErrorCode } from '../start-error.ts';
import { metricsSchema } from './metrics-config.ts';

const hostSchema = z.string().min(1).max(255);
const periodMs = (standard: number, max: number) => z.int().min(1).max(max).default(standard);
const count = (standard: number, max: number) => z.int().min(1).max(max).default(standard);

const httpSchema = z.strictObject({
  host: hostSchema.default('127.0.0.1'),
  /** 0 = any free one. */
  port: z.int().min(0).max(65535).default(8080),
});

const mediaSchema = z.strictObject({
  /** Worker processes; default one per core but one, at least one. */
  workers: z
    .int()
    .min(1)
    .max(256)
    .default(() => Math.max(1, availableParallelism() - 1)),
  /** Address the workers' UDP ports are bound to. */
  bindAddress: hostSchema.default('127.0.0.1'),
  /** UDP port of the first worker; the others follow. */
  firstPort: z.int().min(1).max(65535).default(50_000),
  /** Addresses told to clients instead of the bound one. */
  announcedAddresses: z.array(z.string().min(1).max(255)).max(8).default([]),
  /** Handed to clients as they are (RTCIceServer). */
  iceServers: z
    .array(
      z.strictObject({
        urls: z.union([z.string(), z.array(z.string()).min(1)]),
        username: z.string().optional(),
        credential: z.string().optional(),
      }),
    )
    .max(16)
    .default([]),
});

const mqttSchema = z.strictObject({
  /** Whether MQTT is taken: over WebSocket at `/mqtt` of the HTTP port. */
  enabled: z.boolean().default(true),
  /** TCP ports besides. Secrets cross them in the clear: for the loopback address, or behind a TLS terminator. */
  listeners: z
    .array(
      z.strictObject({
        host: hostSchema.default('127.0.0.1'),
        port: z.int().min(1).max(65535),
      }),
    )
    .max(8)
    .default([]),
});

const deviceSchema = z.strictObject({
  deviceId: deviceIdSchema,
  role: z.enum(['field', 'remote']),
  /** SHA-256 of the device's random key (128 bits or more), hexadecimal: `hashDeviceKey(key)`. */
  keySha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
  deviceName: z.string().min(1).max(128).optional(),
  deviceType: z.string().min(1).max(128).optional(),
});
/** One device that may log in with a key. */
export type DeviceConfig = z.infer<typeof deviceSchema>;

const limitsSchema = z.strictObject({
  /** Open HTTP and signaling connections. */
  connections: count(2_000, 100_000),
  /** Signaling connections that have not logged in yet. */
  anonymousConnections: count(200, 10_000),
  rooms: count(1_000, 100_000),
  remotesPerRoom: count(32, 1_000),
  /** Peer connections of one member in one room. */
  connectionsPerMember: count(32, 256),
  /** Requests of one connection that wait for their reply. */
  requestsInFlight: count(64, 1_000),
  /** Signaling messages a second and connection; may burst as many. */
  signalingMessagesPerSecond: count(100, 10_000),
  /** Failed logins before a connection is closed. */
  failedLoginsPerConnection: count(5, 100),
  /** Failed logins of one address: a burst, and how many more a minute. */
  failedLoginBurst: count(10, 1_000),
  failedLoginsPerMinute: count(10, 1_000),
  /** Of the `control` and `command` data channels, by sender. */
  commandMessagesPerSecond: count(limits.messagesPerSecond, 100_000),
  commandBytesPerSecond: count(limits.bytesPerSecond, 100_000_000),
  unreliablePayloadBytes: count(limits.unreliablePayloadBytes, 65_535),
  reliablePayloadBytes: count(limits.reliablePayloadBytes, 65_535),
  /** Rooms with a label of their own in the metrics; the others are summed up. */
  metricRooms: count(100, 10_000),
});

const timingsSchema = z.strictObject({
  /** A link that has not logged in by then is closed. */
  loginMs: periodMs(5_000, 60_000),
  /** Period of the signs of life, both ways. */
  heartbeatMs: periodMs(200, 250),
  suspectMs: periodMs(500, 60_000),
  /** Silence after which a session ends; until then it may be resumed. */
  leftMs: periodMs(5_000, 60_000),
  /** How long a machine may take to answer. */
  machineReplyMs: periodMs(2_000, 60_000),
  /** How long a media worker may take to answer. */
  workerReplyMs: periodMs(5_000, 60_000),
  /** How long media workers may take to come up. */
  workerStartMs: periodMs(15_000, 120_000),
  /** How long an offer waits for the machine's tracks before NoTrackExists. */
  trackWaitMs: periodMs(2_000, 30_000),
  /** Life of a remote device's login token, s. Default: a shift of eight hours. */
  loginTokenS: z.int().min(10).max(86_400).default(28_800),
  /** Life of a one-time login code, s. */
  loginCodeS: z.int().min(1).max(86_400).default(600),
});

const configSchema = z
  .strictObject({
    nodeId: z.string().min(1).max(64).default('node-1'),
    http: httpSchema.prefault({}),
    media: mediaSchema.prefault({}),
    mqtt: mqttSchema.prefault({}),
    devices: z.array(deviceSchema).max(10_000).default([]),
    /** Signs login and resume tokens; keep it over restarts, else everybody logs in anew. */
    signingSecret: z.string().min(32, 'must have at least 32 characters').max(1_024),
    /** Folder with the built cockpit; without it nothing is served at `/`. */
    cockpitDir: z.string().min(1).optional(),
    /** Without it there is no `GET /metrics`. */
    metrics: metricsSchema.optional(),
    logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    limits: limitsSchema.prefault({}),
    timings: timingsSchema.prefault({}),
  })
  .superRefine((config, context) => {
    const seen = new Set<string>();
    for (const [index, { deviceId }] of config.devices.entries()) {
      if (fromPublicId(deviceId) !== deviceId) {
        context.addIssue({
          code: 'custom',
          path: ['devices', index, 'deviceId'],
          message: 'leaves the default project out',
        });
      }
      if (seen.has(deviceId)) {
        context.addIssue({
          code: 'custom',
          path: ['devices', index, 'deviceId'],
          message: 'is listed twice',
        });
      }
      seen.add(deviceId);
    }
    if (config.media.firstPort + config.media.workers - 1 > 65_535) {
      context.addIssue({
        code: 'custom',
        path: ['media', 'firstPort'],
        message: 'leaves no room for one port per worker',
      });
    }
    if (config.timings.leftMs <= config.timings.suspectMs) {
      context.addIssue({
        code: 'custom',
        path: ['timings', 'leftMs'],
        message: 'must be longer than suspectMs',
      });
    }
  });

/** What a caller writes; everything but `signingSecret` has a default. */
export type ServerConfigInput = z.input<typeof configSchema>;
/** A complete configuration, frozen. */
export type ServerConfig = Readonly<z.output<typeof configSchema>>;

/** Checks and completes a configuration. Throws `StartError` with one line that names each wrong path, never a value. */
export function parseServerConfig(input: unknown): ServerConfig {
  const result = configSchema.safeParse(input);
  if (result.success) return deepFreeze(result.data);
  const complaints = result.error.issues.slice(0, 3).flatMap(complaintsOf);
  throw new StartError(StartErrorCode.ConfigInvalid, `configuration: ${complaints.join('; ')}`);
}

function complaintsOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${[...path, key].join('.')}: unknown key`);
  }
  return [`${path.join('.') || '(top)'}: ${issue.message}`];
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
