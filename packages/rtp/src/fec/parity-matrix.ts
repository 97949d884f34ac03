import { inverse, multiply } from './galois-field.ts';

/** Most source packets of one block. */
export const maxFecSources = 64;
/** Most parity packets of one block: sources and rows together are distinct elements of GF(2⁸). */
export const maxFecRows = 192;

/**
 * A Cauchy matrix 1 / (x_r + y_i), of which every square part can be inverted; that stays so when rows and columns are
 * multiplied by constants. They are, so that row 0 is all ones (plain XOR) and so is column 0 (of a block of one
 * packet, every parity packet is a copy).
 */
const coefficients = new Uint8Array(maxFecRows * maxFecSources);
for (let row = 0; row < maxFecRows; row++) {
  const x = maxFecSources + row;
  const rowScale = multiply(x, inverse(maxFecSources));
  for (let source = 0; source < maxFecSources; source++) {
    const value = multiply(maxFecSources ^ source, inverse(x ^ source));
    coefficients[row * maxFecSources + source] = multiply(value, rowScale);
  }
}

/** The factor of a source (0 to 63) in a parity row (0 to 191); never 0. */
export function parityCoefficient(row: number, source: number): number {
  return coefficients[row * maxFecSources + source] as number;
}

/** The inverse of a square matrix of GF(2⁸) stored row after row, which is used up; undefined when it has none. */
export function invertMatrix(matrix: Uint8Array, size: number): Uint8Array | undefined {
  const result = new Uint8Array(size * size);
  for (let i = 0; i < size; i++) result[i * size + i] = 1;
  for (let column = 0; column < size; column++) {
    // No square part of a Cauchy matrix has a zero pivot: nothing needs to be swapped.
    const pivot = matrix[column * size + column] as number;
    if (pivot === 0) return undefined;
    scaleRow(matrix, column, size, inverse(pivot));
    scaleRow(result, column, size, inverse(pivot));
    for (let row = 0; row < size; row++) {
      const factor = matrix[row * size + column] as number;
      if (row === column || factor === 0) continue;
      addRow(matrix, row, column, size, factor);
      addRow(result, row, column, size, factor);
    }
  }
  return result;
}

function scaleRow(matrix: Uint8Array, row: number, size: number, factor: number): void {
  for (let i = row * size; i < (row + 1) * size; i++) {
    matrix[i] = multiply(matrix[i] as number, factor);
  }
}

function addRow(
  matrix: Uint8Array,
  target: number,
  source: number,
  size: number,
  factor: number,
): void {
  for (let i = 0; i < size; i++) {
    const sum =
      (matrix[target * size + i] as number) ^ multiply(matrix[source * size + i] as number, factor);
    matrix[target * size + i] = sum;
  }
}
