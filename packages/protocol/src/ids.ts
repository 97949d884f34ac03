import { z } from 'zod';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Id of a field or remote device; in public mode `${projectId}/${deviceId}`. */
export type DeviceId = Branded<'DeviceId'>;
/** `${deviceId}:${streamId}:${mediaType}`. */
export type TrackId = Branded<'TrackId'>;

/** 1 to 128 characters out of letters, digits, `.`, `_`, `-` and one `/` between project and device; no part begins with a dot. */
export const deviceIdSchema = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)?$/)
  .transform((text) => text as DeviceId);
