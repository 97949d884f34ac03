/** Writes docs/4-reference/states.md from the SDK's state tables; run it after a change of them. */
import { writeFileSync } from 'node:fs';
import { renderStateDocs } from './state-docs/render.ts';

writeFileSync(new URL('../docs/4-reference/states.md', import.meta.url), renderStateDocs());
