/** One parser or core that takes bytes from the network. */
export type FuzzTarget = {
  /** Names its folder in `corpus/`. */
  name: string;
  /** Good examples, which `run.ts --write-corpus` keeps as files. */
  examples(): Uint8Array[];
  /** Feeds one input. Throws when the core threw, or broke its word about what it gives back. */
  run(input: Uint8Array<ArrayBuffer>): void;
};

/** Throws with `message` unless `condition` holds. */
export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Throws unless both have the same bytes. */
export function expectSameBytes(got: Uint8Array | undefined, wanted: Uint8Array, what: string) {
  expectThat(got !== undefined, `${what}: nothing`);
  const isSame = Buffer.compare(got, wanted) === 0;
  expectThat(isSame, `${what}: other bytes`);
}
