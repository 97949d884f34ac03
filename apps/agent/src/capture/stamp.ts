/**
 * The in-pixel stamp: a frame counter and the capture clock as black and white blocks in the picture itself,
 * ground truth for every latency figure. No imports: browsers and benches use this module as it is.
 *
 * Bits, first block first: 4 sync blocks (white, black, white, black), 24 bits frame counter, 32 bits capture clock
 * in units of 0.1 ms (machine clock in µs / 100, mod 2³²), 8 bits CRC-8 (polynomial 0x07) of these seven bytes.
 * White = 1. Numbers are big-endian. Blocks fill a row from the left, then the next row.
 */

/** Where the blocks lie, in pixels of the picture that is written or read. */
export type StampGeometry = {
  /** Edge of one square block, pixels; may be a fraction when a scaled picture is read. */
  blockSize: number;
  /** Blocks in one row. */
  columns: number;
  /** Left and top edge of the first block, pixels. */
  x: number;
  y: number;
};

/** What a stamp says. */
export type Stamp = {
  /** Counts the frames of one stream, mod 2²⁴. */
  frame: number;
  /** Capture time in the machine clock, units of 0.1 ms, mod 2³². */
  clock: number;
};

/** Blocks of one stamp. */
export const stampBlocks = 68;
const syncBlocks = 4;
const payloadBytes = 8;
const whiteLuma = 235;
const blackLuma = 16;
/** Least difference of luma between the darkest white and the lightest black sync block that is believed. */
const minContrast = 64;
const twoTo32 = 2 ** 32;

/** The stamp's place in a picture of this width: one row, block = width / 80 (16 px at 1280, 8 px at 640). */
export function stampGeometryOf(width: number): StampGeometry {
  return { blockSize: width / 80, columns: 80, x: 0, y: 0 };
}

/** Value of the clock field for a capture time in µs of the machine clock. */
export function stampClockOf(captureTimeUs: number): number {
  return Math.floor(captureTimeUs / 100) % twoTo32;
}

/** Milliseconds from stamp clock `from` to stamp clock `to`, across the wrap at 2³². */
export function stampClockDeltaMs(from: number, to: number): number {
  return ((to - from) | 0) / 10;
}

/** Draws the blocks into a luma plane; neutralise the chroma under them with `clearStampChroma`. */
export function drawStamp(
  yPlane: Uint8Array,
  stride: number,
  stamp: Stamp,
  geometry: StampGeometry,
): void {
  const bits = stampBits(stamp);
  for (let i = 0; i < stampBlocks; i++) {
    const left = Math.round(geometry.x + (i % geometry.columns) * geometry.blockSize);
    const right = Math.round(geometry.x + ((i % geometry.columns) + 1) * geometry.blockSize);
    const row = Math.floor(i / geometry.columns);
    const top = Math.round(geometry.y + row * geometry.blockSize);
    const bottom = Math.round(geometry.y + (row + 1) * geometry.blockSize);
    const luma = bits[i] ? whiteLuma : blackLuma;
    for (let y = top; y < bottom; y++) yPlane.fill(luma, y * stride + left, y * stride + right);
  }
}

/** Makes a half-resolution chroma plane neutral (128) where the stamp lies. */
export function clearStampChroma(plane: Uint8Array, stride: number, geometry: StampGeometry): void {
  const rows = Math.ceil(stampBlocks / geometry.columns);
  const columns = Math.min(geometry.columns, stampBlocks);
  const left = Math.floor(geometry.x / 2);
  const right = Math.ceil((geometry.x + columns * geometry.blockSize) / 2);
  const bottom = Math.ceil((geometry.y + rows * geometry.blockSize) / 2);
  for (let y = Math.floor(geometry.y / 2); y < bottom; y++) {
    plane.fill(128, y * stride + left, y * stride + right);
  }
}

/**
 * Reads a stamp through `lumaAt(x, y)` (integer pixels, any luma-like scale from 0 to 255: R, G and B of a grey block do too).
 * Gives undefined when no stamp is there or its checksum is wrong.
 */
export function readStamp(
  lumaAt: (x: number, y: number) => number,
  geometry: StampGeometry,
): Stamp | undefined {
  const lumas = new Float64Array(stampBlocks);
  for (let i = 0; i < syncBlocks; i++) lumas[i] = blockLuma(lumaAt, geometry, i);
  const darkestWhite = Math.min(lumas[0] as number, lumas[2] as number);
  const lightestBlack = Math.max(lumas[1] as number, lumas[3] as number);
  if (darkestWhite - lightestBlack < minContrast) return undefined;
  const threshold = (darkestWhite + lightestBlack) / 2;
  const bytes = new Uint8Array(payloadBytes);
  for (let i = syncBlocks; i < stampBlocks; i++) {
    const bit = blockLuma(lumaAt, geometry, i) > threshold ? 1 : 0;
    const at = (i - syncBlocks) >> 3;
    bytes[at] = ((bytes[at] as number) << 1) | bit;
  }
  if (crc8(bytes.subarray(0, payloadBytes - 1)) !== bytes[payloadBytes - 1]) return undefined;
  const view = new DataView(bytes.buffer);
  return { frame: view.getUint32(0) >>> 8, clock: view.getUint32(3) };
}

function stampBits(stamp: Stamp): number[] {
  const bytes = new Uint8Array(payloadBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (stamp.frame & 0xffffff) * 256);
  view.setUint32(3, stamp.clock);
  view.setUint8(payloadBytes - 1, crc8(bytes.subarray(0, payloadBytes - 1)));
  const bits = [1, 0, 1, 0];
  for (const byte of bytes) for (let bit = 7; bit >= 0; bit--) bits.push((byte >> bit) & 1);
  return bits;
}

/** Mean of five points about the middle of a block: its edges are blurred by codec and scaling. */
function blockLuma(
  lumaAt: (x: number, y: number) => number,
  geometry: StampGeometry,
  index: number,
): number {
  const size = geometry.blockSize;
  const x = geometry.x + ((index % geometry.columns) + 0.5) * size;
  const y = geometry.y + (Math.floor(index / geometry.columns) + 0.5) * size;
  const d = size / 5;
  const at = (dx: number, dy: number) => lumaAt(Math.floor(x + dx), Math.floor(y + dy));
  return (at(0, 0) + at(-d, -d) + at(d, -d) + at(-d, d) + at(d, d)) / 5;
}

function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}
