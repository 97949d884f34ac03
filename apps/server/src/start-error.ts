import { LongreachError } from '@longreach/kit';

/** Why the server does not start. Public, never reused. */
export const StartErrorCode = {
  /** A value or key of the configuration is wrong; the message has its path, never its value. */
  ConfigInvalid: 3001,
  /** The configuration file cannot be read or is not JSON. */
  ConfigUnreadable: 3002,
  PortTaken: 3003,
  NoPermission: 3004,
  /** The address to listen on is not one of this machine's. */
  AddressUnavailable: 3005,
  /** A media worker did not come up. */
  WorkerNotReady: 3006,
} as const;
export type StartErrorCode = (typeof StartErrorCode)[keyof typeof StartErrorCode];

/** A reason not to start that the person at the keyboard can mend; `message` is one clear line. */
export class StartError extends LongreachError {
  constructor(code: StartErrorCode, message: string, cause?: unknown) {
    super(code, message, { cause });
    this.name = 'StartError';
  }
}

/** Turns what listening on `place` failed with into one clear line. */
export function startErrorOfListen(error: unknown, place: string): StartError {
  const reason = (error as NodeJS.ErrnoException).code;
  if (reason === 'EADDRINUSE') {
    return new StartError(StartErrorCode.PortTaken, `${place} is already in use`, error);
  }
  if (reason === 'EACCES' || reason === 'EPERM') {
    return new StartError(
      StartErrorCode.NoPermission,
      `no permission to listen on ${place}`,
      error,
    );
  }
  return new StartError(
    StartErrorCode.AddressUnavailable,
    `cannot listen on ${place} (${reason ?? 'unknown reason'})`,
    error,
  );
}
