import pino from 'pino';

/** Log lines that may wait for a stuck reader, bytes; above it they are dropped rather than kept or waited for. */
const maxWaitingBytes = 256 * 1024;

/** The structured log of one of the machine's processes: JSON lines on its standard output, never blocking. */
export function createProcessLog(name: string): pino.Logger {
  const destination = pino.destination({ dest: 1, sync: false, maxLength: maxWaitingBytes });
  return pino({ name, base: { process: name } }, destination);
}
