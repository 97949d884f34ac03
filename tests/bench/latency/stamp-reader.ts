import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { StampReaderOptions, StampReading } from './stamp-reading.ts';

/** The reader process. */
export type StampReader = {
  /** What it saw since it was asked last. */
  take(): Promise<StampReading>;
  close(): Promise<void>;
};

/** Starts a process that looks at the framebuffer file all the time. */
export function startStampReader(
  framebufferPath: string,
  options: StampReaderOptions = {},
): StampReader {
  const main = fileURLToPath(new URL('./stamp-reader-main.ts', import.meta.url));
  const child = fork(main, [framebufferPath, JSON.stringify(options)], {
    serialization: 'advanced',
  });
  return {
    async take() {
      child.send('take');
      const [reading] = await once(child, 'message', { signal: AbortSignal.timeout(10_000) });
      return reading as StampReading;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}
