import { describe, expect, it } from 'vitest';
import type { Contract } from './contract.ts';
import { exportsOfText, normalizeType } from './exported-types.ts';
import { findTypeDrift } from './type-drift.ts';

const contract: Contract = {
  about: '',
  modules: [],
  complete: true,
  page: '',
  absentHere: { cause: 'because' },
  later: {},
  namedHere: { Part: 'Thing.parts[].one' },
  otherExports: {},
  types: {
    State: { meaning: '', values: ['new', 'old'] },
    Code: { meaning: '', codes: { Good: { value: 0 }, Bad: { value: -1 } } },
    Thing: {
      meaning: '',
      members: {
        delay: { type: 'number', unit: 'ms' },
        size: { type: 'number', absentHere: 'cause' },
        note: { type: 'any', here: 'unknown', optional: true },
        parts: { type: 'Array' },
        'parts[].one': { type: 'object', here: 'Part' },
        'parts[].one.id': { type: 'string' },
        listen: { type: '(to: (what: string) => void, at?: number): void' },
        soon: {},
      },
    },
    Union: { meaning: '', union: ['State', 'Thing'] },
  },
};

const good = `
  export type State = | 'new' | 'old';
  export const Code = { Good: 0, Bad: -1 } as const;
  export type Code = (typeof Code)[keyof typeof Code];
  export type Part = { id: string };
  export type Thing = {
    /** ms. */
    delay: number;
    size?: number;
    note?: unknown;
    parts: Array<{ one: Part }>;
    listen(
      to: (what: string) => void,
      at?: number,
    ): void;
  };
  export type Union = State | Thing;
`;

function driftAfter(written: string, instead: string): string[] {
  expect(good).toContain(written);
  return findTypeDrift(contract, exportsOfText(good.replace(written, instead)));
}

describe('types of the contract', () => {
  it('are found equal, however they are written', () => {
    expect(findTypeDrift(contract, exportsOfText(good))).toEqual([]);
  });

  it.each([
    ["| 'old'", '', "State lacks 'old'"],
    ["| 'old'", "| 'old' | 'odd'", "State has the unknown 'odd'"],
    ['Bad: -1', 'Bad: -2', 'Code.Bad is -2, not -1'],
    ['Bad: -1', '', 'Code lacks Bad'],
    ['/** ms. */', '/** Mbps. */', 'Thing.delay: its comment does not say the unit ms'],
    ['delay: number', 'delay: string', 'Thing.delay is of type string, not number'],
    ['size?:', 'size:', 'Thing.size is not optional'],
    ['delay:', 'delay?:', 'Thing.delay is optional'],
    ['note?: unknown', 'note?: any', 'Thing.note is of type any, not unknown'],
    ['{ one: Part }', '{ one: Part; two: Part }', 'Thing has the unknown parts[].two'],
    ['id: string', 'id: number', 'Thing.parts[].one.id is of type number, not string'],
    ['at?: number', 'at: number', 'Thing.listen is of type'],
    ['size?: number;', 'size?: number; more: 1;', 'Thing has the unknown more'],
    ['State | Thing', 'State | Thing | Part', 'Union has the unknown Part'],
    ['export type Union', 'type Union', 'Union is not exported'],
    ['export type Union', 'export type Other = 1; export type Union', 'Other is exported and not'],
  ])('differ by one: %s → %s', (written, instead, told) => {
    const drift = driftAfter(written, instead);
    expect(drift).toHaveLength(1);
    expect(drift[0]).toContain(told);
  });

  it('a member that appears before the list knows its type is told', () => {
    expect(driftAfter('size?: number;', 'size?: number; soon(): void;')).toEqual([
      'Thing has the unknown soon',
    ]);
  });

  it('are compared without what only looks different', () => {
    expect(normalizeType("{ a: Array<string>; b?: 'x' | 'y'; }")).toBe(
      normalizeType("{a:string[];\n  b?: 'x'|'y'}"),
    );
    expect(normalizeType('string')).not.toBe(normalizeType('string[]'));
  });

  it('are followed through modules that pass them on', () => {
    const load = () => exportsOfText(good);
    const all = exportsOfText("export * from './a.ts';", load);
    expect([...all.keys()]).toContain('Thing');
    const named = exportsOfText("export { type Thing as It } from './a.ts';", load);
    expect(named).toEqual(new Map([['It', load().get('Thing')]]));
  });
});
