import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { levelOf } from '../../apps/agent/src/encode/voice-output.ts';

/** Samples a second of what a machine plays. */
const sampleRate = 48_000;

/** Stands in for `aplay`, the program with which a machine plays its operator's voice; keeps what it was given. */
export type FakeLoudspeaker = {
  /** Samples that were played so far. */
  played(): Promise<number>;
  /** Loudness of the last half second, 0 to 1. */
  level(): Promise<number>;
  close(): Promise<void>;
};

/** Puts the stand-in first on this process's PATH, for machines that are started from now on. */
export async function installFakeLoudspeaker(): Promise<FakeLoudspeaker> {
  const folder = await mkdtemp(join(tmpdir(), 'longreach-loudspeaker-'));
  const [program, sound] = [join(folder, 'aplay'), join(folder, 'sound.raw')];
  await writeFile(program, `#!/bin/sh\nexec cat >> '${sound}'\n`);
  await chmod(program, 0o755);
  const path = process.env.PATH ?? '';
  process.env.PATH = `${folder}${delimiter}${path}`;
  return {
    played: async () => Math.floor(((await stat(sound).catch(() => undefined))?.size ?? 0) / 2),
    level: async () => {
      const bytes = await readFile(sound);
      const samples = Math.min(Math.floor(bytes.length / 2), sampleRate / 2);
      const last = new Int16Array(samples);
      for (let i = 0; i < samples; i++)
        last[i] = bytes.readInt16LE(2 * i + bytes.length - 2 * samples);
      return levelOf(last);
    },
    close: async () => {
      process.env.PATH = path;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
