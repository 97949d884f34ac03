import { maxInputBytes } from './mutator.ts';

/** What one thread has to do. */
export type FuzzJob = {
  name: string;
  runs: number;
  seed: number;
  /** Shared with the watching thread: the number of inputs begun, the length of the present one, its bytes. */
  progress: SharedArrayBuffer;
};

const headerBytes = 8;

/** Memory in which a thread shows what it does. */
export function createProgress(): SharedArrayBuffer {
  return new SharedArrayBuffer(headerBytes + maxInputBytes);
}

/** Shows the input that comes next. */
export function writeProgress(progress: SharedArrayBuffer, input: Uint8Array): void {
  const [header, bytes] = [new Uint32Array(progress, 0, 2), new Uint8Array(progress, headerBytes)];
  const shown = input.subarray(0, bytes.length);
  bytes.set(shown);
  header[1] = shown.length;
  Atomics.add(header, 0, 1);
}

/** Inputs begun so far. */
export function readCount(progress: SharedArrayBuffer): number {
  return Atomics.load(new Uint32Array(progress, 0, 1), 0);
}

/** The present input, in hexadecimal digits. */
export function readInput(progress: SharedArrayBuffer): string {
  const length = new Uint32Array(progress, 0, 2)[1] ?? 0;
  return Buffer.from(new Uint8Array(progress, headerBytes, length)).toString('hex');
}
