import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Finds the system's Chromium, installing it when this process may. Gives the program's path. */
export function ensureChromium(): string {
  return ensurePackage('chromium', 'chromium');
}

/**
 * Finds `binary` of the Debian package `name`; installs the package with apt when it is missing and this
 * process is root. Gives the program's path; throws an Error that says what to type otherwise.
 */
export function ensurePackage(name: string, binary: string): string {
  const present = findBinary(binary);
  if (present !== undefined) return present;
  const advice = `${binary} is missing. Type: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${name}`;
  if (process.getuid?.() !== 0 || findBinary('apt-get') === undefined) throw new Error(advice);
  console.log(`${binary} is missing: installing the package ${name}`);
  apt(['update'], advice);
  apt(['install', '-y', '--no-install-recommends', name], advice);
  const installed = findBinary(binary);
  if (installed === undefined) throw new Error(advice);
  return installed;
}

/** Path of a program on the PATH or in the system's folders, or undefined. */
export function findBinary(binary: string, path = process.env.PATH ?? ''): string | undefined {
  const folders = [...path.split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, binary))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function apt(args: string[], advice: string): void {
  const result = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.status !== 0) throw new Error(`apt-get ${args[0]} failed. ${advice}`);
}
