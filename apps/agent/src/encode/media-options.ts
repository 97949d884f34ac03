import { limits } from '@longreach/protocol';
import { z } from 'zod';
import { streamConfigSchema } from '../config/stream-config.ts';

/** What the media process is started with: the parent's first message, or JSON in the first argument. */
export const mediaOptionsSchema = z.strictObject({
  /** Directory of the machine's local sockets. */
  runtimeDir: z.string().min(1),
  /** streamId = place in the list; `AgentConfig.streams` as it is. */
  streams: z.array(streamConfigSchema).max(limits.streamsPerDevice),
  /** Whether the in-pixel stamp is drawn. Default no. */
  stamp: z.boolean().default(false),
  /** ALSA device that plays the operator's voice; absent = its level is measured only. */
  playDevice: z.string().min(1).optional(),
});
export type MediaOptions = z.output<typeof mediaOptionsSchema>;
