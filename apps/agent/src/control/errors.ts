/** Error codes of the guard process, never reused. */
export const GuardErrorCode = {
  /** A local connection sent what its role may not send; it is closed. */
  LocalFrameInvalid: 6101,
  // 6102 is the local sockets' `SocketInUse`: another guard is running.
  /** The guard was started with options that it does not understand. */
  OptionsInvalid: 6103,
} as const;
