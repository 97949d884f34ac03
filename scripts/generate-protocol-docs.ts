/** Writes docs/4-reference/protocol.md from the schemas; run it after a change of packages/protocol. */
import { writeFileSync } from 'node:fs';
import { renderProtocolDocs } from './protocol-docs/render.ts';

writeFileSync(new URL('../docs/4-reference/protocol.md', import.meta.url), renderProtocolDocs());
