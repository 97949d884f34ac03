import process from 'node:process';
import type { z } from 'zod';

/** Options of a child process: JSON in the first argument, else the first message of the parent. */
export async function readProcessOptions<Schema extends z.ZodType>(
  schema: Schema,
): Promise<z.output<Schema>> {
  const argument = process.argv[2];
  if (argument !== undefined) return schema.parse(JSON.parse(argument));
  if (!process.connected) throw new Error('options are missing: JSON argument or parent message');
  // A parent that dies before it said anything takes this process with it.
  const quit = () => process.exit(0);
  process.once('disconnect', quit);
  const message = await new Promise<unknown>((resolve) => process.once('message', resolve));
  process.off('disconnect', quit);
  return schema.parse(message);
}
