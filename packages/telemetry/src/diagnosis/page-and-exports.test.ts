import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as diagnosis from '@longreach/telemetry/diagnosis';
import { expect, it } from 'vitest';
import { rules } from './all-rules.ts';
import { rulesTables } from './testing/rules-table.ts';
import { stages } from './vocabulary.ts';

const page = readFileSync(
  join(import.meta.dirname, '../../../../docs/5-explain/diagnosis.md'),
  'utf8',
);

/** Files that a file loads, directly or not; types are not loaded. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8').replaceAll(/^(import|export) type [^;]*;/gms, '');
  for (const [, target = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
    loaded(join(dirname(file), target), seen);
  }
  return seen;
}

/** Without the padding and the rulers that a formatter adds. */
function rowsOf(lines: readonly string[]): string[] {
  return lines
    .filter((line) => line.startsWith('| ') && !line.includes('| --'))
    .map((line) => line.replaceAll(/ +/g, ' '));
}

it('D18 the page has the tables of rules as they are', () => {
  const rows = rowsOf(page.split('\n'));
  expect(rows).toEqual(rowsOf(rulesTables()));
  expect(rows).toHaveLength(2 * (rules.length + 1));
});

it('D18 each stage has a rule', () => {
  expect([...new Set(rules.map(({ stage }) => stage))]).toEqual([...stages]);
});

it('D19 a page without a diagnosis does not carry it', () => {
  const main = [...loaded(join(import.meta.dirname, '../index.ts'))];
  expect(main.length).toBeGreaterThan(5);
  expect(main.filter((file) => file.includes('/src/diagnosis/'))).toEqual([]);
  const own = [...loaded(join(import.meta.dirname, 'index.ts'))];
  expect(own.filter((file) => file.includes('/src/diagnosis/')).length).toBeGreaterThan(
    rules.length,
  );
  expect(own.filter((file) => file.includes('/testing/'))).toEqual([]);
});

it('D19 the subpath gives it', () => {
  expect(diagnosis.diagnose({ streams: [] }).stage).toBe('healthy');
  expect(diagnosis.diagnosisRules).toBe(rules);
  expect(diagnosis.stages).toBe(stages);
  expect(diagnosis.buildReport({ deviceId: 'machine', streams: [] }).diag_error).toBe('ok');
});
