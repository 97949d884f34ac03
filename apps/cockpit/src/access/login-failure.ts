import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';

/** What the login page says about a failed login, and what it offers. */
export type LoginFailure = {
  text: string;
  /** The same id is online: offer to end the other session. */
  canTakeOver: boolean;
  /** The kept login is worthless. */
  forget: boolean;
  /** The server was not reached or not ready: the same login may succeed soon. */
  again: boolean;
};

/** Words for whatever a login threw. */
export function loginFailure(error: unknown): LoginFailure {
  const code = error instanceof LongreachError ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const failure = { canTakeOver: false, forget: false, again: false };
  switch (code) {
    case NetworkErrorCode.InvalidUserSignature:
    case NetworkErrorCode.InvalidAuthServerSignature:
      return { ...failure, text: `Login refused: ${message}`, forget: true };
    case NetworkErrorCode.UserRepeatedJoin:
      return { ...failure, text: 'This device id is logged in elsewhere.', canTakeOver: true };
    default: {
      const again = error instanceof LongreachError && error.retryable;
      return {
        ...failure,
        text: `Login failed: ${message}.${again ? ' Trying again…' : ''}`,
        again,
      };
    }
  }
}
