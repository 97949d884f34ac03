/**
 * The simulated vehicle as a process. Options come as the parent's first message or as JSON in the first argument:
 * `{ "runtimeDir": "…" }`. It ends when the parent's channel closes.
 */
import process from 'node:process';
import { z } from 'zod';
import { machineClock } from '../local/machine-clock.ts';
import { readProcessOptions } from './process-options.ts';
import { VehicleProcess } from './vehicle-process.ts';

const optionsSchema = z.strictObject({
  /** Directory of the machine's local sockets. */
  runtimeDir: z.string().min(1),
});

const options = await readProcessOptions(optionsSchema);
const vehicle = await VehicleProcess.start(options.runtimeDir, machineClock);
process.send?.({ type: 'ready' });

function end(): void {
  vehicle.close();
  process.exit(0);
}
process.on('disconnect', end);
process.on('SIGTERM', end);
process.on('SIGINT', () => {
  // Under a supervisor the terminal's Ctrl-C is the supervisor's affair: it closes the channel.
  if (!process.connected) end();
});
