import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  machineRequestSchemas,
  noticeSchemas,
  requestSchemas,
} from '../../packages/protocol/src/index.ts';
import { renderProtocolDocs } from './render.ts';

const page = readFileSync(new URL('../../docs/4-reference/protocol.md', import.meta.url), 'utf8');

it('docs/4-reference/protocol.md is what the schemas say (node scripts/generate-protocol-docs.ts)', () => {
  expect(page).toBe(renderProtocolDocs());
});

it('the page names every verb and notice, with the text of its doc comment', () => {
  for (const group of [requestSchemas, machineRequestSchemas, noticeSchemas]) {
    for (const name of Object.keys(group)) expect(page).toContain(`#### ${name}\n`);
  }
  expect(page).toContain('Same id online already: 0 = this login is refused');
});
