/**
 * Loaded ahead of the product's processes (`node --import`): lets the benchmark see what passes inside of them. The
 * environment names the folder to write to.
 */
import { basename } from 'node:path';
import process from 'node:process';
import { tapFolderVariable } from './tap-folder.ts';

const folder = process.env[tapFolderVariable];
const program = basename(process.argv[1] ?? '', '.ts');

if (folder !== undefined && program === 'media-main') {
  const { tapPictures } = await import('./picture-tap.ts');
  await tapPictures(folder);
}
if (folder !== undefined && (program === 'transport-main' || program === 'worker-main')) {
  const { tapTraffic } = await import('./traffic-tap.ts');
  await tapTraffic(folder, program);
}
