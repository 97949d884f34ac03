import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const html = `<!doctype html>
<meta charset="utf-8" />
<title>Longreach benchmark</title>
<link rel="icon" href="data:," />
<script type="module" src="/page.js"></script>
<body></body>
`;

/** Builds the page into a folder of its own; `remove` deletes that. */
export async function buildPage(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'longreach-bench-page-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        target: 'es2022',
        outDir: dir,
        emptyOutDir: true,
        lib: { entry: main, formats: ['es'], fileName: () => 'page.js' },
      },
    });
    await writeFile(join(dir, 'index.html'), html);
  } catch (error) {
    await remove();
    throw error;
  }
  return { dir, remove };
}
