import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ensurePackage, findBinary } from './system-packages.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longreach-path-'));
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** An apt-get that notes its arguments and, when told to install, makes the program. */
function fakeAptGet(exitCode: number): void {
  const install = `[ "$1" = install ] && touch ${folder}/new-program && chmod +x ${folder}/new-program`;
  const script = `#!/bin/sh\necho "$@" >> ${folder}/calls\n${install}\nexit ${exitCode}\n`;
  writeFileSync(join(folder, 'apt-get'), script, { mode: 0o755 });
}

it('finds an executable on the PATH, and skips a file that is none', () => {
  const program = join(folder, 'only-here');
  writeFileSync(program, '');
  expect(findBinary('only-here')).toBeUndefined();
  chmodSync(program, 0o755);
  expect(findBinary('only-here')).toBe(program);
});

it('installs nothing when the program is there', () => {
  fakeAptGet(1);
  writeFileSync(join(folder, 'new-program'), '', { mode: 0o755 });
  expect(ensurePackage('new-package', 'new-program')).toBe(join(folder, 'new-program'));
});

it('installs a missing package when it is root', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(0);
  fakeAptGet(0);
  expect(ensurePackage('new-package', 'new-program')).toBe(join(folder, 'new-program'));
  expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe(
    'update\ninstall -y --no-install-recommends new-package\n',
  );
});

it.each([
  ['the user may not install', 1000, 0],
  ['apt-get fails', 0, 100],
])('says what to type when a program is missing and %s', (_name, userId, exitCode) => {
  vi.spyOn(process, 'getuid').mockReturnValue(userId);
  fakeAptGet(exitCode);
  expect(() => ensurePackage('new-package', 'new-program')).toThrow(
    'Type: sudo apt-get update && sudo apt-get install -y --no-install-recommends new-package',
  );
});
