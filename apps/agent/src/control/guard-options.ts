import { defaultGuardProfile, type GuardProfile } from '@longreach/control';
import { LongreachError } from '@longreach/kit';
import { z } from 'zod';
import { GuardErrorCode } from './errors.ts';

const limitNames = Object.keys(defaultGuardProfile) as [keyof GuardProfile];

/** What the guard is started with: the first message on its IPC channel, or its first argument as JSON. */
export const guardOptionsSchema = z.strictObject({
  /** Directory of the machine's local sockets; made (mode 0700) when missing. */
  runtimeDir: z.string().min(1),
  /** File that keeps the lease epoch over restarts; on a disk that survives a power cut. */
  stateFile: z.string().min(1),
  /** Whether a held lease goes to whoever asks. Default false. */
  lastRequesterWins: z.boolean().default(false),
  /** Limits that differ from the defaults, see `GuardProfile`. */
  profile: z.partialRecord(z.enum(limitNames), z.number()).default({}),
  /** Default `info`. */
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});
export type GuardOptions = z.infer<typeof guardOptionsSchema>;

/** Guard to its supervisor. */
export type FromGuard = { type: 'ready' };

/** Checks the options that a guard was started with. Throws OptionsInvalid with the first problem's path. */
export function parseGuardOptions(value: unknown): GuardOptions {
  const parsed = guardOptionsSchema.safeParse(value);
  if (parsed.success) return Object.freeze(parsed.data);
  const issue = parsed.error.issues[0];
  throw new LongreachError(GuardErrorCode.OptionsInvalid, 'the options of the guard are invalid', {
    details: { path: issue?.path.join('.') ?? '', problem: issue?.message ?? '' },
  });
}
