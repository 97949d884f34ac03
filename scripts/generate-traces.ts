/** Writes the synthetic traces of packages/netem/traces anew: `node scripts/generate-traces.ts`. */
import { writeFileSync } from 'node:fs';
import { encodeShippedTrace, shippedTraceNames } from '@longreach/netem';
import { rootFolder } from './run-command.ts';

for (const name of shippedTraceNames) {
  writeFileSync(`${rootFolder}packages/netem/traces/${name}.txt`, encodeShippedTrace(name));
}
