/** The picture without the stamp, and the pixels as they lie in a framebuffer: blue, green, red, unused. */
export type ShownPixels = { pixels: Uint8Array; bytesPerPixel: number; bytesPerLine: number };

/** Luma of the source and its size; `firstLine` is the first line that is compared. */
export type SourceLuma = { luma: Uint8Array; width: number; height: number; firstLine: number };

// ITU-R BT.709, limited range, from 8-bit R, G and B.
const redShare = (0.2126 * 219) / 255;
const greenShare = (0.7152 * 219) / 255;
const blueShare = (0.0722 * 219) / 255;
const blackLuma = 16;
const peak = 255;
/** Given for equal pictures, whose ratio has no end. */
const bestDb = 60;

/** Peak signal-to-noise ratio of the luma of a shown picture against its source, dB. */
export function psnrOf(shown: ShownPixels, source: SourceLuma): number {
  const { pixels, bytesPerPixel, bytesPerLine } = shown;
  const { luma, width, height, firstLine } = source;
  let squares = 0;
  for (let y = firstLine; y < height; y++) {
    let at = y * bytesPerLine;
    for (let i = y * width; i < (y + 1) * width; i++) {
      const blue = pixels[at] as number;
      const green = pixels[at + 1] as number;
      const red = pixels[at + 2] as number;
      const seen = blackLuma + redShare * red + greenShare * green + blueShare * blue;
      const difference = seen - (luma[i] as number);
      squares += difference * difference;
      at += bytesPerPixel;
    }
  }
  const meanSquare = squares / (width * (height - firstLine));
  if (meanSquare === 0) return bestDb;
  return Math.min(bestDb, 10 * Math.log10((peak * peak) / meanSquare));
}
