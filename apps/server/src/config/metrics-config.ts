import { z } from 'zod';
import { StartError, StartErrorCode } from '../start-error.ts';
import { readSecretFile } from './secret-file.ts';

const tokenSchema = z
  .string()
  .regex(/^[\x21-\x7e]{32,1024}$/, 'must be 32 to 1024 printable characters without a space');

/** Where the token of `GET /metrics` stands. */
export const metricsSchema = z
  .strictObject({
    token: tokenSchema.optional(),
    /** A file with nothing but the token. */
    tokenFile: z.string().min(1).optional(),
  })
  .refine(({ token, tokenFile }) => (token === undefined) !== (tokenFile === undefined), {
    message: 'needs one of token and tokenFile',
  });

/** The token that shows who may read the metrics. Throws `StartError` when its file cannot be read or holds none. */
export function metricsTokenOf({ token, tokenFile = '' }: z.output<typeof metricsSchema>): string {
  if (token !== undefined) return token;
  const result = tokenSchema.safeParse(readSecretFile('metrics.tokenFile', tokenFile));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new StartError(
    StartErrorCode.ConfigInvalid,
    `configuration: metrics.tokenFile: what ${tokenFile} holds ${issue?.message}`,
  );
}
