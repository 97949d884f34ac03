/**
 * The agent: `node apps/agent/src/main.ts --config path`. Runs a machine until SIGINT or SIGTERM.
 * A configuration that cannot be used ends it with one line and exit code 2, a failed start with 1.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { destination, type Logger, pino } from 'pino';
import { type AgentConfig, type ParsedConfig, parseConfig } from './config/parse-config.ts';
import { stateFileIn } from './supervisor/agent-plan.ts';
import { startAgent } from './supervisor/start-agent.ts';

/** Environment variable with the device's key, for configurations without `password`. */
const secretVariable = 'LONGREACH_DEVICE_KEY';

process.title = 'longreach-agent';

const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
});

const { config, warnings } = await readConfig().catch((error: unknown) => fail(error, 2));
const log = createLog(config);
for (const { path, message } of warnings) log.warn({ path }, message);
if (config.portRange) log.warn({ path: 'min_port' }, 'the port range has no effect yet');
const agent = await run(config, log).catch((error: unknown) => fail(error, 1));
await ended;
await agent.close();
process.exit(0);

async function readConfig(): Promise<ParsedConfig> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new Error('usage: main.ts --config <file>');
  return parseConfig(await readFile(values.config, 'utf8'));
}

async function run(config: AgentConfig, log: Logger) {
  const secret = config.password ?? process.env[secretVariable];
  if (!secret) throw new Error(`no device key: set password, or ${secretVariable}`);
  const stateHome = process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state');
  const stateDir = join(stateHome, 'longreach');
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  return await startAgent({
    config,
    secret,
    stateFile: stateFileIn(stateDir, config.deviceId),
    log,
  });
}

function createLog({ logLevel }: AgentConfig): Logger {
  return pino(
    { level: logLevel === 'off' ? 'warn' : logLevel, base: {} },
    destination({ dest: 1, sync: true }),
  );
}

function fail(error: unknown, code: number): never {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`agent: ${message.replaceAll('\n', ' ')}\n`);
  process.exit(code);
}
