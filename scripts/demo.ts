/**
 * `npm run demo`: server, simulated machine and cockpit on this computer. Prints one URL with a one-time login
 * code; Ctrl-C ends everything. Options: --port N (default 8080), --media-port N (default 50000).
 */
import { parseArgs } from 'node:util';
import { buildCockpit } from '../apps/cockpit/build.ts';
import { type LocalSystemOptions, startLocalSystem } from './local/local-system.ts';

process.title = 'longreach-demo';

// The terminal sends Ctrl-C to every process of its group: the children are ended in order by this one.
let isEnding = false;
const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      isEnding = true;
      resolve();
    });
  }
});

try {
  const { port, mediaPort } = readOptions();
  const cockpitDir = await buildCockpit();
  await run({ httpPort: port, mediaPort, cockpitDir });
  process.exit(0);
} catch (error) {
  // Children that were interrupted before they listened to signals ended at once: no news for who asked for it.
  if (isEnding) process.exit(0);
  console.error(`demo: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
  process.exit(1);
}

async function run(options: LocalSystemOptions): Promise<void> {
  if (isEnding) return;
  const system = await startLocalSystem(options);
  try {
    if (isEnding) return;
    const url = await system.loginUrl();
    console.log(`\nLongreach is up. Open this address (its code works once):\n\n  ${url}\n`);
    console.log('Press Ctrl-C to end.');
    await ended;
  } finally {
    await system.close();
  }
}

function readOptions(): { port: number; mediaPort: number } {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8080' },
      'media-port': { type: 'string', default: '50000' },
    },
  });
  return {
    port: portOf('port', values.port),
    mediaPort: portOf('media-port', values['media-port']),
  };
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`--${name} must be a port number, not ${text}`);
  }
  return port;
}
