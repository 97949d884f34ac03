import { expect, it } from 'vitest';
import { SessionPlayer } from './session-player.ts';

it('D13 falls back once, and stays with it', () => {
  const told: string[] = [];
  const player = new SessionPlayer('datagram', (kind, reason) => told.push(`${kind}: ${reason}`));
  player.fallBack('the worker does not answer');
  player.fallBack('again');
  expect([player.kind, told]).toEqual(['rtp', ['rtp: the worker does not answer']]);
});
