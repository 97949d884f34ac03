import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One encoded picture of the front camera; capture time in the machine clock, µs. */
export type EncodedPicture = { captureTimeUs: number; bytes: number; key: boolean };

/** File with what was encoded so far, one picture a line. */
export function encodedListPath(folder: string): string {
  return join(folder, 'encoded.jsonl');
}

/** Every picture that was encoded so far. */
export async function readEncodedList(folder: string): Promise<EncodedPicture[]> {
  const text = await readFile(encodedListPath(folder), 'utf8');
  // A last line without its end is still being written.
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as EncodedPicture);
}
