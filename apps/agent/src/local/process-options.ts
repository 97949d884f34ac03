import { once } from 'node:events';
import process from 'node:process';

/** Options of a child process, unchecked: JSON in the first argument, else the first message of the parent. */
export async function readProcessOptions(): Promise<unknown> {
  const argument = process.argv[2];
  if (argument !== undefined) return JSON.parse(argument);
  if (!process.connected) return undefined;
  // A parent that dies before it said anything takes this process with it.
  const quit = () => process.exit(0);
  process.once('disconnect', quit);
  const [message] = (await once(process, 'message')) as [unknown];
  process.off('disconnect', quit);
  return message;
}
