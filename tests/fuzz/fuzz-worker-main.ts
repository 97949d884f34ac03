/** The thread in which one target runs, so that a hang can be seen and ended from outside. */
import { parentPort, workerData } from 'node:worker_threads';
import { FuzzFailure, fuzz } from './fuzz.ts';
import { type FuzzJob, writeProgress } from './fuzz-job.ts';
import { fuzzTargets } from './targets.ts';

const { name, runs, seed, progress } = workerData as FuzzJob;
const target = fuzzTargets.find((one) => one.name === name);
if (!target) throw new Error(`no target ${name}`);
try {
  fuzz(target, { runs, seed }, (input) => writeProgress(progress, input));
} catch (error) {
  if (!(error instanceof FuzzFailure)) throw error;
  const { cause } = error;
  parentPort?.postMessage({
    failure: error.message,
    cause: cause instanceof Error ? cause.stack : String(cause),
  });
}
