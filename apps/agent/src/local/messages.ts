/**
 * JSON messages on the machine's local sockets. Sockets, in the agent's runtime directory:
 * `guard.sock` (the guard listens; transport, actuators and observers connect),
 * `media.sock` (the media process listens; the transport connects),
 * `vehicle.sock` (simulator only: the vehicle listens; media, guard and observers connect and receive `vehicleState`).
 */
import { deviceIdSchema, leaseSchema, slotSchema } from '@longreach/protocol';
import { z } from 'zod';
import { mediaStatsSchema } from '../statistics/media-stats.ts';

/**
 * First message of every connection to the guard.
 * transport: may send commands and lease requests, receives lease and status.
 * actuator: receives `released`; sends `vehicleState`. observer: receives released, lease (no token) and status.
 */
export const guardHelloSchema = z.strictObject({
  hello: z.enum(['transport', 'actuator', 'observer']),
});

/** Transport to guard. */
export const guardRequestSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('permission'),
    id: z.int(),
    remoteId: deviceIdSchema,
    permission: z.enum(['master', 'guest']),
  }),
  z.strictObject({ type: z.literal('remoteLeft'), remoteId: deviceIdSchema }),
  z.strictObject({ type: z.literal('emergencyStop'), from: z.string().max(256) }),
]);
export type GuardRequest = z.infer<typeof guardRequestSchema>;

/** Guard to transport (and, without token, to observers). `id` answers a permission request. */
export const guardNoticeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('lease'), id: z.int().optional(), lease: leaseSchema }),
]);
export type GuardNotice = z.infer<typeof guardNoticeSchema>;

/** Payload of a `guardStatus` frame: JSON, at most 50 a second. */
export const guardStatusSchema = z.strictObject({
  mode: z.enum(['stopped', 'armed', 'braking', 'emergency', 'fault']),
  epoch: z.int(),
  /** Sequence and echoed capture time of the newest released command of this epoch; 0 = none. */
  releasedSequence: z.int(),
  releasedCaptureTimeUs: z.number(),
  released: z.int(),
  refused: z.int(),
  lastRefusal: z.int(),
  /** Whether an actuator is connected. */
  actuator: z.boolean(),
});
export type GuardStatus = z.infer<typeof guardStatusSchema>;

/** Which of a stream's encodings; absent = main. */
const { encoding } = slotSchema.shape;

/** Transport to media process. */
export const mediaRequestSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('produce'),
    streamId: z.int(),
    mediaType: z.enum(['video', 'audio']),
    active: z.boolean(),
    encoding,
  }),
  z.strictObject({
    type: z.literal('keyFrame'),
    streamId: z.int(),
    encoding,
  }),
  z.strictObject({
    type: z.literal('encodeParameters'),
    streamId: z.int(),
    encoding,
    bitrateBps: z.int().optional(),
    fps: z.number().optional(),
    /** Size of the encoded picture, share of the configured one in each direction. */
    scale: z.number().min(0.1).max(1).optional(),
    /** Of so many pictures one is encoded; 0 = none until told otherwise. */
    keepOneIn: z.int().min(0).max(10).optional(),
  }),
  /** It answers with `mediaStats`. */
  z.strictObject({ type: z.literal('takeStats') }),
  /** The operator's voice: one Opus packet, base64 is avoided: it comes as an `encodedFrame`. */
]);
export type MediaRequest = z.infer<typeof mediaRequestSchema>;

/** Media process to transport. */
export const mediaNoticeSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('inputState'),
    streamId: z.int(),
    state: z.enum(['closed', 'opening', 'running', 'reconnecting', 'failed']),
    message: z.string(),
  }),
  mediaStatsSchema,
]);
export type MediaNotice = z.infer<typeof mediaNoticeSchema>;
/** Life of an input. */
export type InputNotice = Extract<MediaNotice, { type: 'inputState' }>;
