/** Error codes of the guard process, never reused. */
export const GuardErrorCode = {
  /** A local connection sent what its role may not send; it is closed. */
  LocalFrameInvalid: 6101,
  /** Another guard listens on the same socket. */
  AlreadyRunning: 6102,
  /** The guard was started with options that it does not understand. */
  OptionsInvalid: 6103,
} as const;
