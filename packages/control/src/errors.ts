/** Error codes of this package, never reused. */
export const ControlErrorCode = {
  /** The limits of a guard profile contradict each other. */
  ProfileInvalid: 6001,
  /** The lease epoch has reached its 32 bits; no lease can be given again. */
  EpochExhausted: 6002,
} as const;
