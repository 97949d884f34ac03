/** Writes the generated pages of docs/4-reference from the schemas; run it after a change of packages/protocol. */
import { writeFileSync } from 'node:fs';
import { renderMqttDocs } from './mqtt-docs/render.ts';
import { renderProtocolDocs } from './protocol-docs/render.ts';
import { renderGatewayStatsDocs } from './protocol-docs/render-gateway-stats.ts';

const pages = {
  'protocol.md': renderProtocolDocs(),
  'mqtt.md': renderMqttDocs(),
  'gateway-stats.md': renderGatewayStatsDocs(),
};
for (const [name, text] of Object.entries(pages)) {
  writeFileSync(new URL(`../docs/4-reference/${name}`, import.meta.url), text);
}
