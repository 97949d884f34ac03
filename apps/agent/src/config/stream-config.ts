import { z } from 'zod';

const pixels = z
  .int()
  .min(16)
  .max(4096)
  .refine((value) => value % 2 === 0, 'an even number is needed');

const encoded = {
  /** What is encoded, pixels. */
  width: pixels,
  height: pixels,
  /** Pictures a second. */
  fps: z.number().min(1).max(120),
  bitrateBps: z.int().min(50_000).max(100_000_000),
  /** Below this the congestion control shall not go. */
  minBitrateBps: z.int().min(0).max(100_000_000),
};

/** One stream of the machine in our own terms; its id is its place in the list. Plain JSON. */
export const streamConfigSchema = z.discriminatedUnion('protocol', [
  /** A camera of the simulated vehicle: 0 front, 1 left, 2 right, 3 rear. */
  z.strictObject({ protocol: z.literal('simulator'), camera: z.int().min(0).max(3), ...encoded }),
  /** A camera of the machine, `/dev/videoN`; what it is asked for may differ from what is encoded. */
  z.strictObject({
    protocol: z.literal('v4l2'),
    camera: z.int().min(0).max(255),
    captureWidth: pixels,
    captureHeight: pixels,
    ...encoded,
  }),
  /** An address, or a file that is looped, decoded and encoded again. */
  z.strictObject({ protocol: z.literal('normal'), url: z.string().min(1), ...encoded }),
  /** RTSP forwarded as it comes. */
  z.strictObject({ protocol: z.literal('rtsp_enc'), url: z.string().min(1), ...encoded }),
  /** A kind of the reference that is not supported yet: the stream exists and never runs. */
  z.strictObject({ protocol: z.literal('unsupported'), ...encoded }),
]);
export type StreamConfig = z.infer<typeof streamConfigSchema>;
