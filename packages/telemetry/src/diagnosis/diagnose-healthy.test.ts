import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import type { StreamSample } from './input.ts';
import { figurePaths, withFigure, withoutFigures } from './testing/alter-samples.ts';
import { healthy, inputOf, samplesOf } from './testing/runs.ts';
import { SeededRandom } from './testing/seeded-random.ts';

const seeds = Array.from({ length: 300 }, (_, seed) => seed);

/** Figures far out of what is usual, as one sample shows them now and then. */
const outliers: readonly (readonly [string, number])[] = [
  ['machine.camera.capturedFps', 3],
  ['machine.camera.longestGapMs', 900],
  ['machine.encoder.encodeTimeMs', 200],
  ['machine.encoder.picturesDroppedBusy', 30],
  ['machine.encoder.encodedFps', 5],
  ['machine.encoder.targetBitrateBps', 300_000],
  ['machine.encoder.encodedToSentMs', 300],
  ['machine.uplink.queueDelayMs', 400],
  ['machine.uplink.lossShare', 0.4],
  ['machine.uplink.outageShare', 0.6],
  ['server.stream.receivedFps', 4],
  ['server.stream.packetsGivenUp', 300],
  ['server.worker.eventLoopDelayP99Ms', 500],
  ['server.worker.forwardDelayP99Ms', 500],
  ['server.viewer.lossShare', 0.4],
  ['server.viewer.queueDelayMs', 400],
  ['browser.stats.framesReceivedDelta', 6],
  ['browser.stats.framesDecodedDelta', 6],
  ['browser.stats.decodeTime', 500],
  ['browser.stats.jitterBuffer', 400],
  ['browser.decodeQueuePictures', 30],
  ['browser.presentedFps', 2],
  ['browser.hiddenMs', 2000],
  ['browser.longestPageStallMs', 1500],
  ['browser.longestWorkerStallMs', 1500],
  ['browser.control.blockedMs', 1900],
  ['browser.control.commandsSent', 900],
  ['browser.control.roundTripMs', 1200],
  ['browser.control.longestReportGapMs', 1500],
];

describe.each(healthy)('D2 $name', ({ base, startBps }) => {
  const run = { samples: 30, base, ...(startBps === undefined ? {} : { startBps }) };

  it('D2 nobody is blamed, whatever the seed', () => {
    const blamed = seeds.flatMap((seed) =>
      diagnose(inputOf({ seed, ...run })).findings.map(({ cause }) => `${cause} at seed ${seed}`),
    );
    expect(blamed).toEqual([]);
  });

  it('D2 nobody is blamed in 6 s either', () => {
    const blamed = seeds.filter(
      (seed) => diagnose(inputOf({ seed, ...run, samples: 3 })).stage !== 'healthy',
    );
    expect(blamed).toEqual([]);
  });

  it('D3 nobody is blamed for what is not known', () => {
    const blamed = seeds.slice(0, 80).flatMap((seed) => {
      const random = new SeededRandom(seed + 1);
      const samples = samplesOf({ seed, ...run });
      const share = random.between(0, 1);
      const known = samples.map((sample) =>
        withoutFigures(sample, () => random.between(0, 1) < share),
      );
      return diagnose({ streams: [{ streamId: 0, samples: known }] }).findings.map(
        ({ cause }) => `${cause} at seed ${seed}`,
      );
    });
    expect(blamed).toEqual([]);
  });

  it('D4 nobody is blamed for a sample that falls out of the row, of each figure one', () => {
    for (const seed of seeds.slice(0, 4)) {
      const samples = samplesOf({ seed, ...run });
      const slot = 7 * seed + 2;
      for (const [path, value] of outliers) {
        const one = samples.with(slot, withFigure(samples[slot] as StreamSample, path, value));
        const { findings } = diagnose({ streams: [{ streamId: 0, samples: one }] });
        const causes = findings.map(({ cause }) => cause);
        expect(causes, `${path} at seed ${seed}`).toEqual([]);
      }
    }
  });
});

it('D4 what happened once, and badly, is a remark', () => {
  const samples = samplesOf({ seed: 1, samples: 15 }).map((sample, slot) =>
    slot === 5 ? withFigure(sample, 'machine.camera.longestGapMs', 1800) : sample,
  );
  const { stage, remarks } = diagnose({ streams: [{ streamId: 0, samples }] });
  expect(stage).toBe('healthy');
  expect(remarks).toMatchObject([{ cause: 'cameraStalled', reason: 'once' }]);
  // What happened once and was slight is not even that.
  const slight = samplesOf({ seed: 1, samples: 15 }).map((sample, slot) =>
    slot === 5 ? withFigure(sample, 'browser.presentedFps', 22) : sample,
  );
  expect(diagnose({ streams: [{ streamId: 0, samples: slight }] }).remarks).toEqual([]);
});

it('D2 every figure of the outliers is one that a sample has', () => {
  const paths = figurePaths(samplesOf({ seed: 1, samples: 1 })[0] as StreamSample);
  expect(outliers.map(([path]) => path).filter((path) => !paths.includes(path))).toEqual([]);
});
