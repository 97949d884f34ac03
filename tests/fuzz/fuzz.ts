import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { FuzzTarget } from './fuzz-target.ts';
import { Mutator } from './mutator.ts';
import { SeededRandom } from './seeded-random.ts';

const corpusFolder = `${import.meta.dirname}/corpus`;

/** A broken input: run `npm run fuzz -- --target NAME --input HEX` to see it again. */
export class FuzzFailure extends Error {
  readonly target: string;
  readonly seed: number;
  readonly run: number;
  readonly hex: string;

  constructor(at: { target: string; seed: number; run: number; hex: string }, cause: unknown) {
    super(`${at.target} broke at seed ${at.seed}, run ${at.run}: ${at.hex}`, { cause });
    this.target = at.target;
    this.seed = at.seed;
    this.run = at.run;
    this.hex = at.hex;
  }
}

/** The kept examples of a target, by file name. */
export function readCorpus(target: FuzzTarget): Uint8Array[] {
  const folder = `${corpusFolder}/${target.name}`;
  return globSync('*.bin', { cwd: folder })
    .sort()
    .map((file) => new Uint8Array(readFileSync(`${folder}/${file}`)));
}

/** Writes the examples that a target makes itself beside those found later. */
export function writeCorpus(target: FuzzTarget): void {
  const folder = `${corpusFolder}/${target.name}`;
  mkdirSync(folder, { recursive: true });
  target.examples().forEach((example, i) => {
    writeFileSync(`${folder}/example-${String(i).padStart(2, '0')}.bin`, example);
  });
}

/** Feeds every kept example as it is, then `runs` changed ones. `before` sees each input; throws FuzzFailure. */
export function fuzz(
  target: FuzzTarget,
  options: { runs: number; seed: number },
  before: (input: Uint8Array, run: number) => void = () => {},
): void {
  const { runs, seed } = options;
  const corpus = readCorpus(target);
  const mutator = new Mutator(new SeededRandom(seed), corpus);
  for (let run = -corpus.length; run < runs; run++) {
    const input = run < 0 ? Uint8Array.from(corpus[run + corpus.length] ?? []) : mutator.next();
    before(input, run);
    // The core may change its input in place.
    const hex = () => Buffer.from(kept).toString('hex');
    const kept = input.slice();
    try {
      target.run(input);
    } catch (cause) {
      throw new FuzzFailure({ target: target.name, seed, run, hex: hex() }, cause);
    }
  }
}
