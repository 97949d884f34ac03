/** Error codes of the machine's local sockets, never reused. */
export const LocalErrorCode = {
  /** Another process listens on the same socket. */
  SocketInUse: 6102,
} as const;
