import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const epochFileSchema = z.strictObject({ epoch: z.int().min(0).max(0xfffffffe) });

/** The persisted epoch; `problem` says why it is a guess when it is one. */
export type PersistedEpoch = { epoch: number; problem?: 'missing' | 'unreadable' };

/** Guessed epochs count from here, four a second: 32 bits last until 2054. */
const guessOriginMs = Date.UTC(2020, 0, 1);
const guessesPerMs = 4 / 1000;

/**
 * Reads the newest epoch. Without a usable file it guesses one from the wall clock: far above what a count of
 * leases reaches, and above every earlier guess while the clock is right and fewer than four leases a second are given.
 */
export async function readEpoch(path: string, unixTimeMs: number): Promise<PersistedEpoch> {
  try {
    return epochFileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return {
      epoch: Math.max(0, Math.floor((unixTimeMs - guessOriginMs) * guessesPerMs)),
      problem: missing ? 'missing' : 'unreadable',
    };
  }
}

/** Writes the epoch so that it survives a power cut at any moment; resolves when it is on the disk. */
export async function writeEpoch(path: string, epoch: number): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = `${path}.new`;
  await writeDurably(temporary, `${JSON.stringify({ epoch })}\n`);
  await rename(temporary, path);
  // The rename itself is durable only when the directory is.
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
