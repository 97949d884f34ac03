/** Arithmetic in GF(2⁸) with the polynomial x⁸ + x⁴ + x³ + x² + 1; addition is XOR. */

const polynomial = 0x11d;
const exponents = new Uint8Array(510);
const logarithms = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power++) {
  exponents[power] = value;
  exponents[power + 255] = value;
  logarithms[value] = power;
  value = value & 0x80 ? (value << 1) ^ polynomial : value << 1;
}

/** The product of two elements. */
export function multiply(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return exponents[(logarithms[a] as number) + (logarithms[b] as number)] as number;
}

/** The element whose product with `a` is 1; `a` is not 0. */
export function inverse(a: number): number {
  return exponents[255 - (logarithms[a] as number)] as number;
}

/** One table of 256 products for each factor: 64 KiB that stay in a processor's second cache. */
const products: readonly Uint8Array[] = Array.from({ length: 256 }, (_, factor) =>
  Uint8Array.from({ length: 256 }, (_, value) => multiply(factor, value)),
);

/** The 256 products of `factor`. */
export function productsOf(factor: number): Uint8Array {
  return products[factor] as Uint8Array;
}

/** Adds `factor` times `bytes` to `target` from `offset` on; `target` is long enough. */
export function addProduct(
  target: Uint8Array,
  offset: number,
  bytes: Uint8Array,
  factor: number,
): void {
  const count = bytes.length;
  if (factor === 1) {
    for (let i = 0; i < count; i++) {
      target[offset + i] = (target[offset + i] as number) ^ (bytes[i] as number);
    }
  } else if (factor !== 0) {
    const table = productsOf(factor);
    for (let i = 0; i < count; i++) {
      target[offset + i] = (target[offset + i] as number) ^ (table[bytes[i] as number] as number);
    }
  }
}
