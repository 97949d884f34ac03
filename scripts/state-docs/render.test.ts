import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderStateDocs } from './render.ts';

test('docs/4-reference/states.md is what the tables say', () => {
  const page = readFileSync(new URL('../../docs/4-reference/states.md', import.meta.url), 'utf8');
  expect(page).toBe(renderStateDocs());
});
