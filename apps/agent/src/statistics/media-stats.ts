import {
  gatewayCaptureStatsSchema,
  gatewayEncodeStatsSchema,
  gatewayEncodingStatsSchema,
  gatewayStreamStatsSchema,
  limits,
} from '@longreach/protocol';
import { z } from 'zod';

const { streamId } = gatewayStreamStatsSchema.shape;
const { encoding } = gatewayEncodingStatsSchema.shape;

/** What the media process tells of one stream. */
export const mediaStreamStatsSchema = z.strictObject({
  streamId,
  /** Absent while the input does not run. */
  capture: gatewayCaptureStatsSchema.optional(),
  encodings: z.array(z.strictObject({ encoding, encode: gatewayEncodeStatsSchema })).max(2),
});
export type MediaStreamStats = z.infer<typeof mediaStreamStatsSchema>;

/** What the media process tells of itself, for the time since it was asked last. */
export const mediaStatsSchema = z.strictObject({
  type: z.literal('mediaStats'),
  /** Share of the time in which its event loop was at work. */
  loopBusyShare: z.number().min(0).max(1),
  streams: z.array(mediaStreamStatsSchema).max(limits.streamsPerDevice),
});
export type MediaStats = z.infer<typeof mediaStatsSchema>;
