export { Backoff, type BackoffOptions } from './backoff.ts';
export { type Clock, ManualClock } from './clock.ts';
export { Emitter, type Unsubscribe } from './emitter.ts';
export { assertInvariant, LongreachError, type LongreachErrorOptions } from './error.ts';
export {
  type NoReplyCause,
  PendingReplies,
  type PendingRepliesOptions,
  type PendingRequest,
} from './pending-replies.ts';
export { TokenBucket } from './token-bucket.ts';
