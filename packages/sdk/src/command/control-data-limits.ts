import { TokenBucket } from '@longreach/kit';
import { limits, RefusalCode } from '@longreach/protocol';

/** The sender's own check of opaque data, before the worker's: size by quality of service, rate, bytes a second. */
export class ControlDataLimits {
  readonly #messages = new TokenBucket({
    capacity: limits.messagesPerSecond * limits.burstSeconds,
    perSecond: limits.messagesPerSecond,
  });
  readonly #bytes = new TokenBucket({
    // One message of the largest size must always fit.
    capacity: Math.max(limits.reliablePayloadBytes, limits.bytesPerSecond * limits.burstSeconds),
    perSecond: limits.bytesPerSecond,
  });

  /** Why this payload must not leave, or `None`. */
  check(payloadBytes: number, qos: 0 | 1, nowUs: number): RefusalCode {
    const maxBytes = qos === 1 ? limits.reliablePayloadBytes : limits.unreliablePayloadBytes;
    if (payloadBytes > maxBytes) return RefusalCode.TooLarge;
    const isWithin = this.#messages.take(1, nowUs) && this.#bytes.take(payloadBytes, nowUs);
    return isWithin ? RefusalCode.None : RefusalCode.TooOften;
  }
}
