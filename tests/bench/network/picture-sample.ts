import { join } from 'node:path';

/** Which pictures are compared with their sources, and where those lie. */
export type SampleOptions = {
  /** Folder with the sources, written by `picture-tap-main.ts`. */
  folder: string;
  /** Of the source; the picture shows in this size from the screen's upper left corner, pixels. */
  width: number;
  height: number;
};

/** How far a shown picture was from its source. */
export type PictureSample = { frame: number; psnrDb: number };

/** One picture of so many is compared: about one in 1.5 s. */
export const sampleEvery = 45;

/** File with the luma of the picture of this counter. */
export function sourcePath(folder: string, frame: number): string {
  return join(folder, `${frame}.y`);
}
