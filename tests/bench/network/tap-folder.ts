import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryFolder } from '../latency/virtual-screen.ts';

/** Environment variable that names the folder to which the product's processes are tapped. */
export const tapFolderVariable = 'LONGREACH_TAP_DIR';

/** A folder in memory for what is tapped during one run. */
export type TapFolder = {
  readonly path: string;
  /** Processes that `start` forks are tapped. */
  tapping<Started>(start: () => Promise<Started>): Promise<Started>;
  close(): Promise<void>;
};

/** Makes the folder. */
export async function createTapFolder(): Promise<TapFolder> {
  const path = await mkdtemp(join(await memoryFolder(), 'longreach-tap-'));
  const preload = new URL('./tap-main.ts', import.meta.url).href;
  return {
    path,
    async tapping(start) {
      const { NODE_OPTIONS: before } = process.env;
      process.env.NODE_OPTIONS = `${before ?? ''} --import=${preload}`;
      process.env[tapFolderVariable] = path;
      try {
        return await start();
      } finally {
        if (before === undefined) delete process.env.NODE_OPTIONS;
        else process.env.NODE_OPTIONS = before;
        delete process.env[tapFolderVariable];
      }
    },
    close: () => rm(path, { recursive: true, force: true }),
  };
}
