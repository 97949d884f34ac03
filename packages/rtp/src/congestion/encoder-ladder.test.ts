import { describe, expect, it } from 'vitest';
import { EncoderLadder } from './encoder-ladder.ts';

const camera = { width: 1280, height: 720, fps: 30, maxBps: 2_500_000 };
const second = 1_000_000;

describe('encoder ladder', () => {
  it('E1: the bitrate follows at once, up to the maximum', () => {
    const ladder = new EncoderLadder(camera);
    expect(ladder.update(9_000_000, 0)).toEqual({ bitrateBps: 2_500_000, fps: 30, scale: 1 });
    expect(ladder.update(1_500_000, 1)).toEqual({ bitrateBps: 1_500_000, fps: 30, scale: 1 });
  });

  it('E2: fewer frames first, then smaller pictures', () => {
    const ladder = new EncoderLadder(camera);
    const steps: string[] = [];
    for (let bps = 2_500_000, at = 0; bps >= 100_000; bps -= 20_000, at += 3 * second) {
      const { fps, scale } = ladder.update(bps, at);
      const step = `${fps} × ${scale}`;
      if (steps.at(-1) !== step) steps.push(step);
    }
    expect(steps).toEqual(['30 × 1', '22.5 × 1', '22.5 × 0.75', '22.5 × 0.5', '22.5 × 0.375']);
    const slow = new EncoderLadder({ ...camera, fps: 25 });
    expect(settled(slow, 700_000, 0).fps).toBe(20);
    expect(settled(slow, 100_000, 10 * second).fps).toBe(20);
  });

  it('E2: fewer frames after a second, or 0.3 s of scarcity; another size after 3 s, or 1.5 s of it', () => {
    const ladder = new EncoderLadder(camera);
    ladder.update(800_000, 0);
    expect(ladder.update(800_000, 0.9 * second).fps).toBe(30);
    ladder.update(2_000_000, second);
    ladder.update(800_000, 1.1 * second);
    expect(ladder.update(800_000, 2 * second).fps).toBe(30);
    expect(ladder.update(800_000, 2.1 * second)).toMatchObject({ fps: 22.5, scale: 1 });
    ladder.update(150_000, 3 * second);
    expect(ladder.update(150_000, 4.4 * second).scale).toBe(1);
    expect(ladder.update(150_000, 4.5 * second).scale).toBe(0.5);
    const scarce = new EncoderLadder(camera);
    scarce.update(400_000, 0);
    expect(scarce.update(400_000, 0.3 * second)).toMatchObject({ fps: 22.5, scale: 1 });
  });

  it('E3: up again only after 3 s with a margin, over several steps at once', () => {
    const ladder = new EncoderLadder(camera);
    expect(settled(ladder, 100_000, -4 * second).scale).toBe(0.375);
    expect(ladder.update(2_500_000, 1 * second).scale).toBe(0.375);
    expect(ladder.update(500_000, 3 * second).scale).toBe(0.375);
    expect(ladder.update(500_000, 4 * second)).toMatchObject({ fps: 22.5, scale: 0.75 });
    expect(ladder.update(2_500_000, 5 * second).fps).toBe(22.5);
    expect(ladder.update(2_500_000, 7 * second).fps).toBe(22.5);
    expect(ladder.update(2_500_000, 8 * second)).toMatchObject({ fps: 30, scale: 1 });
  });

  it('E3: a rate that swings about a threshold does not make the picture swing', () => {
    const ladder = new EncoderLadder(camera);
    const seen = new Set<string>();
    for (let at = 0; at < 60; at++) {
      const { fps, scale } = ladder.update(at % 4 < 2 ? 800_000 : 1_100_000, at * second);
      if (at > 2) seen.add(`${fps} ${scale}`);
    }
    expect([...seen]).toEqual(['22.5 1']);
  });

  it('E4: a small maximum is enough for the full picture', () => {
    const ladder = new EncoderLadder({ ...camera, maxBps: 800_000 });
    expect(ladder.update(800_000, 0)).toEqual({ bitrateBps: 800_000, fps: 30, scale: 1 });
    expect(settled(ladder, 500_000, 1).fps).toBe(22.5);
    ladder.update(800_000, 5 * second);
    expect(ladder.update(800_000, 8 * second)).toMatchObject({ fps: 30, scale: 1 });
  });
});

/** What a rate that stays for four seconds leads to. */
function settled(ladder: EncoderLadder, bps: number, fromUs: number) {
  ladder.update(bps, fromUs);
  return ladder.update(bps, fromUs + 4 * second);
}
