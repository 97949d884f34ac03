import type { PlayerKind } from '@longreach/sdk';
import type { LinkFault } from './diagnosis-bed.ts';

/** A run in which nothing is broken. */
export type HealthyRun = { name: string; link: LinkFault; seed: number; player: PlayerKind };

/** Networks that repair hides, in turn. */
const links: ReadonlyArray<{ name: string; link: LinkFault }> = [
  { name: 'clean', link: {} },
  { name: '3 % loss', link: { loss: { kind: 'uniform', share: 0.03 } } },
  { name: 'clean', link: {} },
  { name: 'jitter of 10 ms', link: { jitter: { maxMs: 10, order: 'kept', holdMs: 20 } } },
];

/** So many runs over the networks in turn, each with another seed; every third one with the browser's receiver. */
export function healthyRuns(count: number): HealthyRun[] {
  return Array.from({ length: count }, (_, i): HealthyRun => {
    const { name, link } = links[i % links.length] as (typeof links)[number];
    const player = i % 3 === 2 ? 'rtp' : 'datagram';
    return { name: `healthy ${i + 1}: ${name}, ${player}`, link, seed: i + 1, player };
  });
}
