import { expect, test } from 'vitest';
import { ReturnPath } from './return-path.ts';

const second = 1_000_000;

/** A path on which a message came every `intervalUs` for ten seconds. */
function heardFor10s(intervalUs: number): ReturnPath {
  const path = new ReturnPath();
  for (let at = 0; at <= 10 * second; at += intervalUs) path.handleMessage(at);
  return path;
}

/** Key frames due in the ten seconds after the first ten, looked at every 10 ms. */
function dueIn10s(path: ReturnPath, lossShare: number): number {
  let due = 0;
  for (let at = 10 * second; at < 20 * second; at += 10_000) {
    if (path.takeKeyFrameDue(lossShare, at)) due += 1;
  }
  return due;
}

test('who sends commands is silent after 0.3 s, who only asks for the time after 4 s', () => {
  const driving = heardFor10s(20_000);
  expect(driving.isSilent(10.25 * second)).toBe(false);
  expect(driving.isSilent(10.35 * second)).toBe(true);
  driving.handleMessage(10.4 * second);
  expect(driving.isSilent(10.5 * second)).toBe(false);
  const watching = heardFor10s(second);
  expect(watching.isSilent(12.9 * second)).toBe(false);
  expect(watching.isSilent(14.5 * second)).toBe(true);
});

test('a silent viewer gets a key frame every 1.5 s while packets get lost, and none on a good link', () => {
  expect(dueIn10s(heardFor10s(20_000), 0.3)).toBe(6);
  expect(dueIn10s(heardFor10s(20_000), 0.01)).toBe(0);
});

test('so does one that was never heard, whatever gets lost', () => {
  expect(dueIn10s(new ReturnPath(), 0)).toBe(6);
});

test('who can be heard asks by itself', () => {
  const path = heardFor10s(20_000);
  for (let at = 10 * second; at < 20 * second; at += 100_000) {
    path.handleMessage(at);
    expect(path.takeKeyFrameDue(0.5, at + 50_000)).toBe(false);
  }
});
