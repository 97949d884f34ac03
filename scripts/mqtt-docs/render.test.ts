import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderMqttDocs } from './render.ts';

it('docs/4-reference/mqtt.md is what topics and states say (node scripts/generate-protocol-docs.ts)', () => {
  const page = readFileSync(new URL('../../docs/4-reference/mqtt.md', import.meta.url), 'utf8');
  expect(page).toBe(renderMqttDocs());
});
