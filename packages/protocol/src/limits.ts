/** Limits of the wire with their defaults. Source: the reference product (control data, 2025-09) unless said. */
export const limits = {
  /** Largest payload of a message that may be lost, bytes (qos 0). */
  unreliablePayloadBytes: 1024,
  /** Largest payload of a reliable message, bytes (qos 1). */
  reliablePayloadBytes: 10 * 1024,
  /** Messages a second and sender. */
  messagesPerSecond: 100,
  /** Payload bytes a second and sender. */
  bytesPerSecond: 100 * 1024,
  /** How much above the steady rate a sender may burst, as a share of one second. Ours. */
  burstSeconds: 0.25,
  /** Largest signaling message, bytes. Ours. */
  signalingMessageBytes: 64 * 1024,
  /** Streams of one machine. Source: feature page of the reference. */
  streamsPerDevice: 8,
  /** Axes of a drive command. Ours. */
  axesPerCommand: 16,
} as const;
