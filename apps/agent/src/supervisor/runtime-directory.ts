import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';

/** Longest path of a local socket (sockaddr_un), bytes. */
const maxSocketPathBytes = 107;
const longestSocketName = 'vehicle.sock';

/** Makes the directory of the machine's local sockets; only this user may enter it (mode 0700). */
export async function createRuntimeDirectory(parent = tmpdir()): Promise<string> {
  const directory = await mkdtemp(join(parent, 'longreach-'));
  if (Buffer.byteLength(join(directory, longestSocketName)) <= maxSocketPathBytes) return directory;
  await removeRuntimeDirectory(directory);
  throw new LongreachError(
    NetworkErrorCode.InvalidParameters,
    'the path of the runtime directory is too long for local sockets',
    { details: { parent } },
  );
}

/** Removes it with all that is in it. */
export async function removeRuntimeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
