import { TokenBucket } from '@longreach/kit';

/** Larger messages are no RTCP of a player: a full request for 1,024 packets has 270 bytes. */
const maxMessageBytes = 1_200;
const messagesPerSecond = 400;
const burstMessages = 100;

/** Bounds what one connection may say on its `feedback` channel; what is above is dropped, a player asks again. */
export class FeedbackGate {
  readonly #messages = new TokenBucket({ perSecond: messagesPerSecond, capacity: burstMessages });

  /** Whether a message may be read at all. */
  lets(message: Uint8Array, nowUs: number): boolean {
    return message.length <= maxMessageBytes && this.#messages.take(1, nowUs);
  }
}
