/**
 * The server's executable: `node main.ts <config.json>`. Prints one JSON line when it is ready, tells the same
 * to a parent that holds an IPC channel, and ends with that channel. Logs go to standard error.
 */
import { LongreachError } from '@longreach/kit';
import { readConfigFile } from './config/config-file.ts';
import { type RunningServer, startServer } from './server.ts';

/** What a parent may ask over the IPC channel. */
type FromParent = { type: 'createLoginCode'; id: number; deviceId: string };

process.title = 'longreach-server';

async function main(): Promise<void> {
  const path = process.argv[2];
  if (path === undefined) return fail('usage: node main.ts <config.json>');
  let running: RunningServer | undefined;
  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    if (running === undefined) process.exit(0);
    running.close().then(
      () => process.exit(0),
      (error: unknown) => fail(messageOf(error)),
    );
  };
  process.on('SIGINT', () => {
    // Under a parent the terminal's Ctrl-C is the parent's affair: it closes the channel.
    if (!process.connected) end();
  });
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  try {
    running = await startServer(readConfigFile(path));
  } catch (error) {
    return fail(messageOf(error));
  }
  if (isEnding) {
    await running.close();
    process.exit(0);
  }
  const server = running;
  process.on('message', (message) => answerParent(server, message as FromParent));
  const { url, port } = server;
  process.send?.({ type: 'ready', url, port });
  process.stdout.write(`${JSON.stringify({ type: 'ready', url, port })}\n`);
}

function answerParent(server: RunningServer, message: FromParent): void {
  if (message?.type !== 'createLoginCode') return;
  const { id, deviceId } = message;
  try {
    process.send?.({ type: 'loginCode', id, deviceId, code: server.createLoginCode(deviceId) });
  } catch (error) {
    process.send?.({ type: 'loginCodeRefused', id, deviceId, message: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  if (error instanceof LongreachError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function fail(message: string): void {
  process.stderr.write(`longreach server: ${message}\n`);
  process.exit(1);
}

await main();
