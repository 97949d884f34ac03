import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const folder = fileURLToPath(new URL('.', import.meta.url));
const packages = fileURLToPath(new URL('../../packages', import.meta.url));

/** Where the built page lies. */
export const cockpitDist: string = join(folder, 'dist');

/** Sources of the page: its own and those of the packages that it bundles. */
const sources = [
  ...['index.html', 'vite.config.ts', 'src'].map((name) => join(folder, name)),
  ...['kit', 'protocol', 'rtp', 'telemetry', 'sdk'].map((name) => join(packages, name, 'src')),
];

/** Builds the page into `cockpitDist` unless that is newer than every source; quiet. Gives the folder. */
export async function buildCockpit(): Promise<string> {
  const builtMs = await newestMs(join(cockpitDist, 'index.html'));
  const changedMs = Math.max(...(await Promise.all(sources.map(newestMs))));
  if (builtMs <= changedMs) {
    await build({ configFile: join(folder, 'vite.config.ts'), logLevel: 'error' });
  }
  return cockpitDist;
}

/** Newest change of a file, or of the files in a folder, ms; 0 when there is none. */
async function newestMs(path: string): Promise<number> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) return info?.mtimeMs ?? 0;
  const names = await readdir(path);
  // The folder's own time tells of a deleted file.
  return Math.max(
    info.mtimeMs,
    ...(await Promise.all(names.map((name) => newestMs(join(path, name))))),
  );
}
