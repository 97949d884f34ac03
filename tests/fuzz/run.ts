/**
 * `npm run fuzz -- [--target NAME] [--runs N] [--seed N]`: feeds changed examples to everything that takes bytes from
 * the network. A crash, a broken promise or a hang ends with seed and input; `--input HEX` runs one input alone;
 * `--write-corpus` writes the examples. Ends with 1 when anything broke.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { writeCorpus } from './fuzz.ts';
import { createProgress, type FuzzJob, readCount, readInput } from './fuzz-job.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { fuzzTargets } from './targets.ts';

/** One input may take so long, ms: a million times what it should. */
const hangMs = 10_000;
const lookMs = 1_000;

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    input: { type: 'string' },
    'write-corpus': { type: 'boolean', default: false },
  },
});

const chosen = fuzzTargets.filter(({ name }) => !values.target || name === values.target);
if (chosen.length === 0) {
  console.error(
    `no target ${values.target}; there are ${fuzzTargets.map(({ name }) => name).join(', ')}`,
  );
  process.exitCode = 1;
}
for (const target of chosen) {
  if (values['write-corpus']) writeCorpus(target);
  else if (values.input !== undefined)
    target.run(Uint8Array.from(Buffer.from(values.input, 'hex')));
  else if (!(await runTarget(target))) process.exitCode = 1;
}

/** Whether everything held. */
async function runTarget({ name }: FuzzTarget): Promise<boolean> {
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  const started = performance.now();
  const failure = await watch({ name, runs, seed, progress: createProgress() });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (failure === undefined) console.log(`${name}: ${runs} inputs in ${seconds} s`);
  else console.error(`${name} FAILED after ${seconds} s: ${failure}`);
  return failure === undefined;
}

function watch(job: FuzzJob): Promise<string | undefined> {
  const worker = new Worker(new URL('./fuzz-worker-main.ts', import.meta.url), { workerData: job });
  return new Promise((resolve) => {
    let [count, sinceMs] = [-1, performance.now()];
    const timer = setInterval(() => {
      const seen = readCount(job.progress);
      if (seen !== count) [count, sinceMs] = [seen, performance.now()];
      else if (performance.now() - sinceMs > hangMs) {
        end(`hangs, seed ${job.seed}: ${readInput(job.progress)}`);
        void worker.terminate();
      }
    }, lookMs);
    const end = (failure?: string) => {
      clearInterval(timer);
      resolve(failure);
    };
    worker.on('message', ({ failure, cause }) => end(`${failure}\n${cause}`));
    worker.on('error', (error) =>
      end(`seed ${job.seed}, ${readInput(job.progress)}: ${(error as Error).stack}`),
    );
    worker.on('exit', () => end());
  });
}
