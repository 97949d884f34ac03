/**
 * `npm run netem -- --listen 127.0.0.1:5000 --to 127.0.0.1:6000 --profile loss10`: a bad network between two UDP ends.
 * Prints its counters each second; Ctrl-C ends it. Options: docs/2-operate/netem.md.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import {
  createRelay,
  type Endpoint,
  isProfileName,
  type LegSettings,
  type PathCounts,
  parseTrace,
  profileNames,
  profileOf,
  type Relay,
  type RelayOptions,
} from '@longreach/netem';

const printIntervalMs = 1000;
/** A round trip is spread over two legs; this emulator is one of them. */
const legs = 2;

process.title = 'longreach-netem';
const options = readOptionsOrExit();
const relay = await startOrExit(options);
console.log(
  `${options.listen?.address}:${relay.port} -> ${options.to.address}:${options.to.port}; Ctrl-C to end`,
);
printCounters(relay);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void relay.close().then(() => process.exit(0)));
}

function readOptionsOrExit(): RelayOptions {
  try {
    return readOptions();
  } catch (error) {
    return exitWith(2, error);
  }
}

async function startOrExit(relayOptions: RelayOptions): Promise<Relay> {
  try {
    return await createRelay(relayOptions);
  } catch (error) {
    // A link that cannot be is a wrong option; the rest is a port that cannot be had.
    return exitWith(error instanceof RangeError ? 2 : 1, error);
  }
}

function exitWith(code: number, error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  console.error(`netem: ${text.split('\n')[0]}`);
  process.exit(code);
}

function readOptions(): RelayOptions {
  const { values } = parseArgs({
    options: {
      listen: { type: 'string' },
      to: { type: 'string' },
      profile: { type: 'string', default: 'clean' },
      media: { type: 'string', default: 'toTarget' },
      seed: { type: 'string', default: '1' },
      rtt: { type: 'string' },
      trace: { type: 'string' },
    },
  });
  const listen = endpointOf('listen', values.listen, 0);
  const to = endpointOf('to', values.to, 1);
  const { profile, media } = values;
  if (!isProfileName(profile)) {
    throw new Error(`--profile must be one of ${profileNames.join(', ')}, not ${profile}`);
  }
  if (media !== 'toTarget' && media !== 'toFlow') {
    throw new Error(`--media must be toTarget or toFlow, not ${media}`);
  }
  const seed = numberOf('seed', values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed must be a whole number, not ${seed}`);
  const rtt = values.rtt === undefined ? {} : { roundTripMs: legs * numberOf('rtt', values.rtt) };
  const leg = profileOf(profile, { seed, media, ...rtt });
  return { listen, to, profile: values.trace ? withTrace(leg, media, values.trace) : leg };
}

function withTrace(leg: LegSettings, media: keyof LegSettings, path: string): LegSettings {
  const trace = parseTrace(readFileSync(path, 'utf8'));
  return { ...leg, [media]: { ...leg[media], delayMs: 0, trace } };
}

function endpointOf(name: string, text: string | undefined, lowestPort: number): Endpoint {
  if (text === undefined) throw new Error(`--${name} is missing: give an address and a port`);
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  const port = Number(digits);
  if (isIP(address) === 0 || !(port >= lowestPort && port <= 65_535)) {
    throw new Error(`--${name} must be an IP address and a port like 127.0.0.1:5000, not ${text}`);
  }
  return { address, port };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new Error(`--${name} must be a number of at least 0, not ${text}`);
  }
  return value;
}

function printCounters(source: Relay): void {
  let before = source.counters();
  let seconds = 0;
  setInterval(() => {
    const now = source.counters();
    seconds += 1;
    for (const direction of ['toTarget', 'toFlow'] as const) {
      console.log(
        `${String(seconds).padStart(5)} s  ${direction.padEnd(8)} ${lineOf(now[direction], before[direction])}`,
      );
    }
    before = now;
  }, printIntervalMs);
}

/** Counters since the start; rates of the last second. */
function lineOf(now: PathCounts, before: PathCounts): string {
  const mbps = (bytes: number) => ((bytes * 8) / 1_000_000).toFixed(2);
  const drops = Object.entries(now.droppedPackets).map(([cause, count]) => `${cause} ${count}`);
  return [
    `in ${now.arrivedPackets} (${mbps(now.arrivedBytes - before.arrivedBytes)} Mbit/s)`,
    `out ${now.deliveredPackets} (${mbps(now.deliveredBytes - before.deliveredBytes)} Mbit/s)`,
    `waiting ${now.waitingPackets}`,
    `twice ${now.duplicatedPackets}`,
    `dropped: ${drops.join(' ')}`,
  ].join('  ');
}
