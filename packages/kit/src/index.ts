export { type Clock, ManualClock } from './clock.ts';
export { Emitter, type Unsubscribe } from './emitter.ts';
export { assertInvariant, LongreachError, type LongreachErrorOptions } from './error.ts';
export { TokenBucket } from './token-bucket.ts';
