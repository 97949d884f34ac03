import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds a page (default: that of the latency benchmark) into a new folder and gives that; the caller removes it. */
export async function buildPage(root = new URL('./page', import.meta.url)): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'longreach-bench-page-'));
  await build({
    configFile: false,
    root: fileURLToPath(root),
    base: './',
    logLevel: 'error',
    build: { target: 'es2022', outDir, emptyOutDir: true, modulePreload: { polyfill: false } },
  });
  return outDir;
}
