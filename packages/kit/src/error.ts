/** What every catalogue error carries beside its message. */
export type LongreachErrorOptions = {
  /** Whether the same call may succeed later without being changed. Default false. */
  retryable?: boolean;
  /** Machine-readable facts about the failure; never secrets. */
  details?: Record<string, unknown>;
  cause?: unknown;
};

/**
 * The one base of every error that a caller may meet.
 * `code` is a public number of a catalogue (`NetworkErrorCode` or an area's own), never reused.
 */
export class LongreachError extends Error {
  readonly code: number;
  readonly retryable: boolean;
  readonly details: Record<string, unknown>;

  constructor(code: number, message: string, options: LongreachErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LongreachError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** Throws when an invariant of our own code is broken: a bug, not bad input. */
export function assertInvariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
