import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Trace, traceFolderVariable } from './trace-record.ts';

/** Traces of all processes that are started while `start` runs. */
export type TraceFolder = {
  /** Runs `start` so that what it forks is traced. */
  tracing<Started>(start: () => Promise<Started>): Promise<Started>;
  /** All traces; complete once the processes are gone. */
  read(): Promise<Trace>;
  close(): Promise<void>;
};

/** Makes a folder for traces. */
export async function createTraceFolder(): Promise<TraceFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'longreach-trace-'));
  const preload = new URL('./trace-main.ts', import.meta.url).href;
  return {
    async tracing(start) {
      const { NODE_OPTIONS: before } = process.env;
      process.env.NODE_OPTIONS = `${before ?? ''} --import=${preload}`;
      process.env[traceFolderVariable] = folder;
      try {
        return await start();
      } finally {
        if (before === undefined) delete process.env.NODE_OPTIONS;
        else process.env.NODE_OPTIONS = before;
        delete process.env[traceFolderVariable];
      }
    },
    read: () => readTraces(folder),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readTraces(folder: string): Promise<Trace> {
  const all: Trace = { media: [], transport: [], worker: [] };
  for (const name of await readdir(folder)) {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n');
    for (const line of lines.filter((text) => text !== '')) {
      const { media, transport, worker } = JSON.parse(line) as Trace;
      all.media.push(...media);
      all.transport.push(...transport);
      all.worker.push(...worker);
    }
  }
  return all;
}
