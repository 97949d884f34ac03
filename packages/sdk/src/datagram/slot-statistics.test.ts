import { expect, it } from 'vitest';
import { SlotStatistics } from './slot-statistics.ts';

const frameUs = 100_000 / 3;

it('D2 counts as lost what did not come by itself', () => {
  const statistics = new SlotStatistics();
  for (const sequence of [65_534, 65_535, 1, 4]) statistics.handleMedia(sequence, 0, 0);
  expect(statistics.read()).toMatchObject({ packetsReceived: 4, packetsLost: 3 });
  // A late one was not lost; a repeat that was asked for was.
  statistics.handleMedia(0, 0, 0);
  statistics.handleNack([2, 3]);
  statistics.handleMedia(2, 0, 0);
  expect(statistics.read()).toMatchObject({ packetsReceived: 5, packetsLost: 2, nackCount: 1 });
});

it('D3 gives the jitter in seconds, by RFC 3550', () => {
  const even = new SlotStatistics();
  const uneven = new SlotStatistics();
  for (let frame = 0; frame < 300; frame++) {
    const timestamp = (4_294_900_000 + frame * 3000) >>> 0;
    even.handleMedia(frame, timestamp, 1e9 + frame * frameUs);
    uneven.handleMedia(frame, timestamp, 1e9 + frame * frameUs + (frame % 2) * 8000);
  }
  expect(even.read().jitter).toBeCloseTo(0, 4);
  expect(uneven.read().jitter).toBeCloseTo(0.008, 3);
});

it('D4 adds up the times of shown pictures in seconds', () => {
  const statistics = new SlotStatistics();
  const times = { firstUs: 0, decodeUs: 5000, decodedUs: 8000, shownUs: 28_000 };
  for (const key of [true, false]) {
    statistics.handleShown({ ...times, targetDelayUs: 20_000 }, key, 640, 360);
  }
  const read = statistics.read();
  expect(read.totalDecodeTime).toBeCloseTo(0.006);
  expect(read.totalProcessingDelay).toBeCloseTo(0.056);
  expect(read.jitterBufferDelay).toBeCloseTo(0.05);
  expect(read.jitterBufferTargetDelay).toBeCloseTo(0.04);
});
