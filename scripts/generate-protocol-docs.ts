/** Writes docs/4-reference/protocol.md and mqtt.md from their sources; run it after a change of packages/protocol. */
import { writeFileSync } from 'node:fs';
import { renderMqttDocs } from './mqtt-docs/render.ts';
import { renderProtocolDocs } from './protocol-docs/render.ts';

const folder = new URL('../docs/4-reference/', import.meta.url);
writeFileSync(new URL('protocol.md', folder), renderProtocolDocs());
writeFileSync(new URL('mqtt.md', folder), renderMqttDocs());
