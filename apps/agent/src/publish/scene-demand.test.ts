import { expect, test } from 'vitest';
import { SceneDemand } from './scene-demand.ts';

const full = { bitrateBps: 800_000, pixels: 1280 * 720, fps: 30 };
const half = { ...full, pixels: 640 * 360 };

function run(demand: SceneDemand, usedBps: number, told: typeof full, fromMs: number, ms: number) {
  for (let at = fromMs; at <= fromMs + ms; at += 25) demand.update(usedBps, told, at * 1000);
}

test('a still scene is believed to need little after a while, at whatever size it is seen', () => {
  const demand = new SceneDemand();
  run(demand, 250_000, full, 0, 200);
  expect(demand.share).toBeGreaterThan(0.8);
  run(demand, 250_000, full, 200, 5000);
  expect(demand.share).toBeLessThan(0.25);
  run(demand, 80_000, half, 5200, 3000);
  expect(demand.share).toBeLessThan(0.3);
});

test('one that takes all it gets is a usual one again within two seconds', () => {
  const demand = new SceneDemand();
  run(demand, 200_000, full, 0, 5000);
  run(demand, 790_000, full, 5000, 2000);
  expect(demand.share).toBe(1);
});
