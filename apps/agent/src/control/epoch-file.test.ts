import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEpoch, writeEpoch } from './epoch-file.ts';

const nowMs = Date.UTC(2026, 0, 1);
let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'epoch-'));
  path = join(directory, 'state', 'epoch.json');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe('epoch file', () => {
  it('gives back what was written last, and leaves one file', async () => {
    await writeEpoch(path, 41);
    await writeEpoch(path, 42);
    expect(await readEpoch(path, nowMs)).toEqual({ epoch: 42 });
    expect(await readdir(join(directory, 'state'))).toEqual(['epoch.json']);
  });

  it('guesses a higher epoch from the time when there is no file', async () => {
    const first = await readEpoch(path, nowMs);
    expect(first.problem).toBe('missing');
    expect(first.epoch).toBeGreaterThan(100_000_000);
    const second = await readEpoch(path, nowMs + 1000);
    expect(second.epoch).toBe(first.epoch + 4);
    expect((await readEpoch(path, 0)).epoch).toBe(0);
  });

  it.each(['', '{', '{"epoch":-1}', '{"epoch":4294967295}', '{"epoch":1.5}', '{"epoch":1,"x":2}'])(
    'does not believe %j',
    async (text) => {
      await writeEpoch(path, 1);
      await writeFile(path, text);
      expect((await readEpoch(path, nowMs)).problem).toBe('unreadable');
    },
  );
});
