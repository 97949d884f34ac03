import { expect, it } from 'vitest';
import { MainStream } from './main-stream.ts';

it('is told once, when the stream or the lease is another one, and every ten seconds', () => {
  const main = new MainStream();
  expect(main.takeDue(0, 1, 0)).toBe(true);
  expect(main.takeDue(0, 1, 20)).toBe(false);
  expect(main.takeDue(2, 1, 40)).toBe(true);
  expect(main.takeDue(2, 2, 60)).toBe(true);
  expect(main.takeDue(2, 2, 10_059)).toBe(false);
  expect(main.takeDue(2, 2, 10_060)).toBe(true);
});
