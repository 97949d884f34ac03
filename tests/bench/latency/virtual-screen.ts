import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ensurePackage } from '../../../scripts/system-packages.ts';

/** An X server without hardware, whose framebuffer is a file. */
export type VirtualScreen = {
  /** For the environment variable DISPLAY. */
  display: string;
  framebufferPath: string;
  size: ScreenSize;
  close(): Promise<void>;
};

/** Pixels. */
export type ScreenSize = { width: number; height: number };

/** Holds a 720p picture. */
const defaultSize: ScreenSize = { width: 1280, height: 800 };

const startTimeoutMs = 10_000;

/** Starts an X server on a free display; default size 1280 x 800. */
export async function startVirtualScreen(size: ScreenSize = defaultSize): Promise<VirtualScreen> {
  const program = ensurePackage('xvfb', 'Xvfb');
  const folder = await mkdtemp(join(await memoryFolder(), 'longreach-screen-'));
  const { width, height } = size;
  const child = spawn(
    program,
    [
      '-displayfd',
      '3',
      '-screen',
      '0',
      `${width}x${height}x24`,
      '-fbdir',
      folder,
      '-nolisten',
      'tcp',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const close = async () => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const display = `:${await readDisplay(child)}`;
    return { display, framebufferPath: join(folder, 'Xvfb_screen0'), size, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Folder for files that must not wait for a disk: in memory where there is such a file system. */
export async function memoryFolder(): Promise<string> {
  const isThere = access('/dev/shm', constants.W_OK);
  return isThere.then(
    () => '/dev/shm',
    () => tmpdir(),
  );
}

function readDisplay(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the X server did not start')), startTimeoutMs);
    let said = '';
    (child.stdio[3] as Readable).on('data', (chunk) => {
      said += chunk;
      if (!said.endsWith('\n')) return;
      clearTimeout(timer);
      resolve(said.trim());
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the X server ended with ${code}`)));
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
