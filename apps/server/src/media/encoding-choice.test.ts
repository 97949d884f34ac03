import { expect, test } from 'vitest';
import { EncodingChoice } from './encoding-choice.ts';

const mainBps = 2_000_000;
const second = 1_000_000;

/** What is chosen while a link takes the same for so long. */
function after(choice: EncodingChoice, limitBps: number, fromUs: number, forUs: number): string {
  let chosen = choice.encoding;
  for (let at = 0; at <= forUs; at += 50_000) {
    chosen = choice.update(limitBps, mainBps, fromUs + at);
  }
  return chosen;
}

test('half a second below 0.85 of the main encoding makes it small, less does not', () => {
  const choice = new EncodingChoice();
  expect(after(choice, 1_600_000, 0, 450_000)).toBe('main');
  expect(choice.update(1_750_000, mainBps, 500_000)).toBe('main');
  expect(after(choice, 1_600_000, 550_000, 450_000)).toBe('main');
  expect(choice.update(1_600_000, mainBps, 1_050_000)).toBe('small');
});

test('it takes five seconds above 1.3 of it to come back', () => {
  const choice = new EncodingChoice();
  after(choice, 1_000_000, 0, second);
  expect(after(choice, 2_500_000, second, 20 * second)).toBe('small');
  expect(after(choice, 2_700_000, 30 * second, 4.9 * second)).toBe('small');
  expect(after(choice, 2_700_000, 30 * second, 5 * second)).toBe('main');
});

test('a stream that sends nothing now decides nothing', () => {
  const choice = new EncodingChoice();
  for (let at = 0; at < 10; at++) expect(choice.update(0, 0, at * second)).toBe('main');
});
