import { readFileSync } from 'node:fs';
import { StartError, StartErrorCode } from '../start-error.ts';
import { parseServerConfig, type ServerConfig } from './server-config.ts';

/** Reads a JSON configuration file. Throws `StartError` with one clear line; the file's text never reaches the message. */
export function readConfigFile(path: string): ServerConfig {
  return parseServerConfig(parseJson(path, readText(path)));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new StartError(
      StartErrorCode.ConfigUnreadable,
      `configuration: cannot read ${path} (${reason})`,
      error,
    );
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text around the fault, which may be a secret.
    throw new StartError(StartErrorCode.ConfigUnreadable, `configuration: ${path} is not JSON`);
  }
}
