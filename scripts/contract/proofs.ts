import { existsSync, globSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { rootFolder } from '../run-command.ts';
import type { Entry } from './contract.ts';
import { readTestFile, type TestFile, type WrittenTest } from './test-index.ts';

const proofSchema = z.strictObject({
  /** The test file, from the project's root. */
  file: z.string(),
  /** Title of the test as it is written there. */
  test: z.string(),
  /** Names of the contract that the test asserts. */
  proves: z.array(z.string()).min(1),
  /** Files whose expected values the test compares with. */
  values: z.array(z.string()).optional(),
});

/** A test and the names that it proves. */
export type Proof = z.infer<typeof proofSchema>;

/** Tests that vitest runs (vitest.config.ts). */
const runTests = /^(packages|apps|scripts|tests\/(fuzz|integration|support|e2e))\/.*\.test\.ts$/;

/** Every proof that the project lists. */
export function readProofs(): Proof[] {
  return globSync('tests/contract/proofs/*.json', { cwd: rootFolder })
    .toSorted()
    .flatMap((path) => z.array(proofSchema).parse(JSON.parse(read(path))));
}

/** What was found: the good proofs by name, and what is wrong with the others. */
export type ProofReport = { proven: Map<string, Proof[]>; faults: string[] };

/** Checks every proof: its test is there, runs, and has each name in it or in the values it compares with. */
export function checkProofs(
  proofs: readonly Proof[],
  entries: readonly Entry[],
  readText: (path: string) => string | undefined = readIfThere,
): ProofReport {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const files = new Map<string, TestFile | undefined>();
  const report: ProofReport = { proven: new Map(), faults: [] };
  for (const proof of proofs) {
    if (!files.has(proof.file)) files.set(proof.file, readTests(proof.file, readText));
    const found = findTests(proof, files.get(proof.file));
    if (typeof found === 'string') {
      report.faults.push(found);
      continue;
    }
    const texts = (proof.values ?? []).map((path) => readText(path) ?? '');
    for (const name of proof.proves) {
      const fault = faultOf(proof, byName.get(name), name, [...found, ...texts]);
      if (fault) report.faults.push(fault);
      else report.proven.set(name, [...(report.proven.get(name) ?? []), proof]);
    }
  }
  return report;
}

function faultOf(
  proof: Proof,
  entry: Entry | undefined,
  name: string,
  texts: readonly string[],
): string | undefined {
  if (!entry) return `${name}: the contract has no such name (${proof.file})`;
  if (texts.some((text) => hasWord(text, entry.word))) return undefined;
  return `${name}: ${entry.word} does not occur in "${proof.test}" (${proof.file})`;
}

/** Texts in which the names have to be: the test, and what its file has beside tests. */
function findTests(proof: Proof, file: TestFile | undefined): string[] | string {
  const where = `"${proof.test}" (${proof.file})`;
  if (!runTests.test(proof.file) || !file) return `there is no test file for ${where}`;
  const named = file.tests.filter(({ title }) => title === proof.test);
  if (named.length === 0) return `there is no test ${where}`;
  if (!named.every(({ runs }: WrittenTest) => runs)) return `it is not sure to run: ${where}`;
  return [...named.map(({ text }) => text), file.shared];
}

/** A quoted word in any quotes, or a whole word. */
function hasWord(text: string, word: string): boolean {
  const bare = word.replaceAll("'", '');
  return word.startsWith("'")
    ? new RegExp(`(['"\`])${bare}\\1`).test(text)
    : new RegExp(`(?<![\\w$])${bare}(?![\\w$])`).test(text);
}

function readTests(
  path: string,
  readText: (path: string) => string | undefined,
): TestFile | undefined {
  const text = readText(path);
  return text === undefined ? undefined : readTestFile(text);
}

function readIfThere(path: string): string | undefined {
  return existsSync(rootFolder + path) ? read(path) : undefined;
}

function read(path: string): string {
  return readFileSync(rootFolder + path, 'utf8');
}
