import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';
import type { Handler } from './handler.ts';

/** The fleet list. */
export const handleListGateways: Handler<'listGateways'> = ({ services }) => ({
  gateways: services.rooms.gateways(),
});

/** Which node serves a machine's room: this one, while there is one. */
export const handleSchedule: Handler<'schedule'> = ({ services }, { deviceId }) => {
  if (!services.rooms.isMachine(deviceId)) {
    throw new LongreachError(NetworkErrorCode.SourceUserNotExist, 'no such field device');
  }
  return { nodeId: services.config.nodeId };
};
