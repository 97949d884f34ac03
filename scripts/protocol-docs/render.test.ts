import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  machineRequestSchemas,
  noticeSchemas,
  requestSchemas,
} from '../../packages/protocol/src/index.ts';
import { renderProtocolDocs } from './render.ts';
import { renderGatewayStatsDocs } from './render-gateway-stats.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../docs/4-reference/${name}`, import.meta.url), 'utf8');
const page = read('protocol.md');

it('docs/4-reference/protocol.md is what the schemas say (node scripts/generate-protocol-docs.ts)', () => {
  expect(page).toBe(renderProtocolDocs());
});

it('the page names every verb and notice, with the text of its doc comment', () => {
  for (const group of [requestSchemas, machineRequestSchemas, noticeSchemas]) {
    for (const name of Object.keys(group)) expect(page).toContain(`#### ${name}\n`);
  }
  expect(page).toContain('Same id online already: 0 = this login is refused');
});

it('docs/4-reference/gateway-stats.md is what the schema says, and says what every figure is', () => {
  const text = read('gateway-stats.md');
  expect(text).toBe(renderGatewayStatsDocs());
  const fields = [...text.matchAll(/^\| `(\w+)` \| .* \|(.*)\|$/gm)];
  expect(fields.length).toBeGreaterThan(80);
  const bare = fields.filter(([, , meaning = '']) => meaning.trim() === '');
  expect(bare.map(([, name]) => name)).toEqual([]);
});
