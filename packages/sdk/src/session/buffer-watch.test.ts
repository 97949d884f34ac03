import type { WebRTCStats } from '@longreach/protocol';
import { expect, it } from 'vitest';
import { BufferWatch } from './buffer-watch.ts';

function figures(jitterBuffer: number): WebRTCStats {
  const identity = { srcUserId: 'rover', trackId: 't', streamId: 0, mediaType: 'video' } as const;
  const path = { jitter: 0.001, rtt: 30, nackDelta: 0 };
  return { ...identity, ...path, jitterBuffer, jitterBufferTarget: jitterBuffer } as WebRTCStats;
}

it('W1: a stream whose buffer stays grown is reset, then renewed; others and missing figures are not', () => {
  const watch = new BufferWatch();
  const seen: string[] = [];
  for (let second = 0; second < 20; second++) {
    const nowMs = second * 1000;
    const actions = [
      watch.handleFigures(0, figures(150), nowMs),
      watch.handleFigures(1, figures(8), nowMs),
      watch.handleFigures(2, undefined, nowMs),
    ];
    actions.forEach((action, streamId) => {
      if (action !== 'none') seen.push(`${streamId} ${action}`);
    });
  }
  expect(seen).toEqual(['0 reset', '0 renew']);
});
