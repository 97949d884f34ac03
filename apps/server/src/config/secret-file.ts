import { readFileSync } from 'node:fs';
import { StartError, StartErrorCode } from '../start-error.ts';

/** Reads a secret that stands alone in a file, without the white space around it. Throws `StartError`, whose message has the key and the path only. */
export function readSecretFile(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new StartError(
      StartErrorCode.ConfigUnreadable,
      `configuration: ${key}: cannot read ${path} (${reason})`,
      error,
    );
  }
}
