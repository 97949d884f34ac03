import { gatewayMachineStatsSchema } from '@longreach/protocol';
import { z } from 'zod';

/** Supervisor to transport, each period: the computer and the machine's processes. */
export const machineStatsSchema = z.strictObject({
  type: z.literal('machineStats'),
  stats: gatewayMachineStatsSchema,
});
export type MachineStatsMessage = z.infer<typeof machineStatsSchema>;
