import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const rootFolder = fileURLToPath(new URL('..', import.meta.url));

/** How a command ended; `output` is stdout and stderr as they came, empty when they were inherited. */
export type CommandResult = { ok: boolean; output: string };

/** Runs a program of node_modules/.bin (or the PATH), by default in the root folder, and waits for its end. */
export function runCommand(
  program: string,
  args: string[],
  options: { inherit?: boolean; cwd?: string } = {},
): Promise<CommandResult> {
  const bin = `${rootFolder}node_modules/.bin`;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? rootFolder,
      stdio: options.inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', (error) => resolve({ ok: false, output: `${program}: ${error.message}` }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}
