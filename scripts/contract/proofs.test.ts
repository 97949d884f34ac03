import { describe, expect, it } from 'vitest';
import type { Entry } from './contract.ts';
import { countEntries, renderTable } from './contract-table.ts';
import { checkProofs, type Proof } from './proofs.ts';
import { readTestFile } from './test-index.ts';

const file = 'packages/thing/src/thing.test.ts';
const entry = (name: string, fields: Partial<Entry> = {}): Entry => {
  const [group = '', word = ''] = name.split('.');
  return { ...{ name, group, word, type: 'number', unit: 'ms', later: undefined }, ...fields };
};
const entries = [
  entry('Thing.delay'),
  entry('Thing.delayAvg'),
  entry('State.old', { word: "'old'" }),
];

function check(text: string | undefined, proof: Partial<Proof> = {}, values = '') {
  const whole = { file, test: 'holds', proves: ['Thing.delay'], ...proof };
  return checkProofs([whole], entries, (path) => (path.endsWith('.json') ? values : text));
}

describe('proofs', () => {
  it('a test that runs and has the name in it is one', () => {
    const { proven, faults } = check("it('holds', () => { expect(it.delay).toBe(1); });");
    expect(faults).toEqual([]);
    expect([...proven.keys()]).toEqual(['Thing.delay']);
  });

  it.each([
    ['there is no test file for', undefined],
    ['there is no test "holds"', "it('holds not', () => expect(delay));"],
    ['does not occur', "it('holds', () => {}); it('other', () => expect(delay));"],
    ['does not occur', "import { delay } from './a.ts'; it('holds', () => {});"],
    ['does not occur', "it('holds', () => expect(delayAvg));"],
    ['not sure to run', "it.skip('holds', () => expect(delay));"],
    ['not sure to run', "it.skipIf(ci)('holds', () => expect(delay));"],
    ['not sure to run', "describe.skip('all', () => { it('holds', () => expect(delay)); });"],
    ['not sure to run', "if (ci) { it('holds', () => expect(delay)); }"],
    ['not sure to run', "it('holds', ({ skip }) => { skip(); expect(delay); });"],
    ['not sure to run', "it.todo('holds', () => expect(delay));"],
  ])('none: %s', (fault, text) => {
    const { proven, faults } = check(text);
    expect(proven.size).toBe(0);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('a name may stand in a helper of the file, or in the values that it compares with', () => {
    const helper = "const wanted = { delay: 1 }; describe('x', () => { it('holds', () => {}); });";
    expect(check(helper).faults).toEqual([]);
    const values = { values: ['wanted.json'] };
    expect(check("it('holds', () => {});", values, '{ "delay": 1 }').faults).toEqual([]);
    expect(check("it('holds', () => {});", values, '{ "delays": 1 }').faults).toHaveLength(1);
  });

  it('a value is quoted, and a name that nobody knows is told', () => {
    const value = { proves: ['State.old'] };
    expect(check("it('holds', () => expect(state).toBe('old'));", value).faults).toEqual([]);
    expect(check("it('holds', () => expect(old));", value).faults).toHaveLength(1);
    const unknown = check("it('holds', () => {});", { proves: ['Thing.gone'] });
    expect(unknown.faults[0]).toContain('no such name');
  });

  it('titles of tables and templates are read as they are written', () => {
    const text = "it.each([1])('is %s', () => {}); test(`with $\u007bname} on`, () => {});";
    expect(readTestFile(text).tests.map(({ title }) => title)).toEqual(['is %s', 'with %s on']);
  });
});

describe('table', () => {
  const proof: Proof = { file, test: 'holds', proves: [] };
  const all = [...entries, entry('State.due', { later: 'comes with more' })];
  const proven = new Map([['Thing.delay', [proof]]]);

  it('counts what is proven, what is missing and what waits', () => {
    expect(countEntries(all, proven)).toEqual({
      proven: 1,
      of: 3,
      missing: ['Thing.delayAvg', 'State.old'],
      later: ['State.due'],
    });
  });

  it('has a line for each name with type, unit and proof, and one for each type', () => {
    const lines = renderTable(all, proven).map((line) => line.replaceAll(/ +/g, ' '));
    expect(lines).toEqual([
      'name | type | unit | proof',
      '',
      'Thing: 1 of 2 proven',
      `Thing.delay | number | ms | ${file} > holds`,
      'Thing.delayAvg | number | ms | MISSING',
      '',
      'State: 0 of 1 proven',
      'State.old | number | ms | MISSING',
      'State.due | number | ms | later: comes with more',
    ]);
  });
});
