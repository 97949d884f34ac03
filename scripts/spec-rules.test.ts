import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rootFolder } from './run-command.ts';
import { rulesOfSpec, rulesOfTitle, titlesOfTests } from './spec-rules.ts';

const read = (path: string) => readFileSync(`${rootFolder}${path}`, 'utf8');
const specs = globSync(['packages/*/SPEC.md', 'apps/*/SPEC.md', 'apps/*/src/*/SPEC.md'], {
  cwd: rootFolder,
});

describe.each(specs)('%s', (spec) => {
  const rules = rulesOfSpec(read(spec));
  const titles = globSync(`${dirname(spec)}/**/*.test.ts`, {
    cwd: rootFolder,
    exclude: (name) => name.includes('node_modules'),
  }).flatMap((file) => titlesOfTests(read(file)));
  const tested = new Set(titles.flatMap(rulesOfTitle));

  it('states rules, each number once', () => {
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter((rule, index) => rules.indexOf(rule) !== index)).toEqual([]);
  });

  it('has a test for each rule', () => {
    expect(rules.filter((rule) => !tested.has(rule))).toEqual([]);
  });

  it('has a rule for each number in a test title', () => {
    expect([...tested].filter((rule) => !rules.includes(rule))).toEqual([]);
  });
});

describe('reading of rules', () => {
  it('finds both forms and nothing else', () => {
    const markdown = [
      '# Rules',
      '## 1 Packets',
      '- **L1** A lease starts free.',
      '- **L2.** A free one is granted. See **L9** for the end.',
      '1.2 A packet is parsed once.',
      '- 1.3.1 A number in a list.',
      '2 apples are no rule.',
      'RFC 3550 is no rule. H264 neither: H264 in the middle.',
    ].join('\n');
    expect(rulesOfSpec(markdown)).toEqual(['L1', 'L2', '1.2', '1.3.1']);
  });

  it('reads the numbers at the head of a title', () => {
    expect(rulesOfTitle('L1 starts free')).toEqual(['L1']);
    expect(rulesOfTitle('G1, G2: refuses')).toEqual(['G1', 'G2']);
    expect(rulesOfTitle('1.2 and 1.3 hold')).toEqual(['1.2', '1.3']);
    expect(rulesOfTitle('G16 G18 stops within 500 ms')).toEqual(['G16', 'G18']);
    expect(rulesOfTitle('G16 30 frames a second')).toEqual(['G16']);
    expect(rulesOfTitle('30 frames a second')).toEqual([]);
    expect(rulesOfTitle('refuses G1')).toEqual([]);
  });

  it('takes titles from tests that run', () => {
    const text = [
      `it('L1 a', f); test.each([1])('L2 %i', f); describe(\`L3 \${x}\`, f);`,
      "it.skip('L4 x', f); it.todo('L5'); other('L6 x');",
    ].join('\n');
    expect(titlesOfTests(text)).toEqual(['L1 a', 'L2 %i', 'L3 ']);
  });
});
