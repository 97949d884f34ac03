import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds a page with nothing but the SDK (default `sdk-page`) into a folder of its own; `remove` deletes that. */
export async function buildSdkPage(
  page: 'sdk-page' | 'client-page' | 'mqtt-page' = 'sdk-page',
): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'longreach-sdk-page-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    await build({
      configFile: false,
      root: fileURLToPath(new URL(`./${page}`, import.meta.url)),
      base: './',
      logLevel: 'error',
      build: {
        target: 'es2022',
        outDir: dir,
        emptyOutDir: true,
        modulePreload: { polyfill: false },
      },
    });
  } catch (error) {
    await remove();
    throw error;
  }
  return { dir, remove };
}
