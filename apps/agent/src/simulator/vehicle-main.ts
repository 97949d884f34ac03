/**
 * The simulated vehicle as a process. Options come as the parent's first message or as JSON in the first argument:
 * `{ "runtimeDir": "…" }`. It ends when the parent's channel closes.
 */
import process from 'node:process';
import { z } from 'zod';
import { machineClock } from '../local/machine-clock.ts';
import { onProcessEnd } from '../local/process-end.ts';
import { readProcessOptions } from '../local/process-options.ts';
import { VehicleProcess } from './vehicle-process.ts';

const optionsSchema = z.strictObject({
  /** Directory of the machine's local sockets. */
  runtimeDir: z.string().min(1),
});

const options = optionsSchema.parse(await readProcessOptions());
const vehicle = await VehicleProcess.start(options.runtimeDir, machineClock);
process.send?.({ type: 'ready' });

onProcessEnd(() => {
  vehicle.close();
  process.exit(0);
});
