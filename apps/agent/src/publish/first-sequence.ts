import { randomInt } from 'node:crypto';

/**
 * A random first sequence number (RFC 3550 section 5.1), from the lower half as RFC 3711 section 3.3.1 advises: an SSRC
 * that sends little stays far from where its numbers begin anew, and its publication may move between connections.
 */
export function firstSequence(): number {
  return randomInt(0x8000);
}
