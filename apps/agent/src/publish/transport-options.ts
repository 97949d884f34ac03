import { deviceIdSchema, limits, streamInfoSchema } from '@longreach/protocol';
import { z } from 'zod';

/** What the network's rate is divided by, for one stream; in the order of `streams`, by its id. */
const streamEncodingSchema = z.strictObject({
  streamId: z.int(),
  width: z.int(),
  height: z.int(),
  fps: z.number(),
  bitrateBps: z.int(),
  /** Below it the server is told that the network carries too little. */
  minBitrateBps: z.int(),
  /** False for what is forwarded as it came. */
  isAdaptive: z.boolean(),
});

/** What the transport is started with: the first message on its IPC channel. */
export const transportOptionsSchema = z.strictObject({
  /** Directory of the machine's local sockets. */
  runtimeDir: z.string().min(1),
  /** What carries signaling. */
  linkKind: z.enum(['websocket', 'mqtt']).default('websocket'),
  /** Where that is: `ws://` or `wss://`; of a broker also `mqtt://` or `mqtts://`. */
  serverUrl: z.url({ protocol: /^(wss?|mqtts?)$/ }),
  deviceId: deviceIdSchema,
  deviceName: z.string().min(1).max(128),
  deviceType: z.string().min(1).max(128),
  /** The device's key. */
  secret: z.string().min(1).max(4096),
  streams: z.array(streamInfoSchema).max(limits.streamsPerDevice),
  /** Rates of the streams with pictures. Default none: then no encoder is ever told anything. */
  encodings: z.array(streamEncodingSchema).max(limits.streamsPerDevice).default([]),
  /** Whether the operator's voice is received and played. */
  voice: z.boolean(),
  /** 1 = a login kicks an older one of the same id. Default 1. */
  forceLogin: z.union([z.literal(0), z.literal(1)]).default(1),
  /** Local address of the peer connection's UDP port. Default all of them. */
  bindAddress: z.string().default('0.0.0.0'),
  /** Version of the machine's software. */
  version: z.string().max(64).default('0.1.0'),
  /** Resume token of the transport before this one, so that its session goes on. */
  resumeToken: z.string().max(4096).optional(),
});
export type TransportOptions = z.infer<typeof transportOptionsSchema>;

/** Transport to its supervisor. */
export type FromTransport =
  | { type: 'ready' }
  /** Kept by the supervisor for the transport that follows this one; undefined = log in afresh. */
  | { type: 'resumeToken'; token: string | undefined };
