import type { NoticeBody } from '@longreach/protocol';
import type { DeviceConfig } from '../config/server-config.ts';
import type { Room } from './room.ts';
import type { Session } from './session.ts';

/** A field device as the wire shows it. */
export type GatewayBody = NoticeBody<'gatewaysChanged'>['gateways'][number];

/** How the fleet list shows one field device. Pure. */
export function gatewayOf(
  device: DeviceConfig,
  session: Session | undefined,
  room: Room | undefined,
): GatewayBody {
  const info = session?.info;
  return {
    deviceId: device.deviceId,
    deviceName: info?.deviceName ?? device.deviceName ?? device.deviceId,
    deviceType: info?.deviceType ?? device.deviceType ?? 'machine',
    streamCount: info?.streams.length ?? room?.machine.streams.length ?? 0,
    status: statusOf(session, room),
    version: info?.version ?? '',
  };
}

function statusOf(session: Session | undefined, room: Room | undefined): GatewayBody['status'] {
  if (session === undefined) return 'offline';
  return room !== undefined && room.memberCount > 0 ? 'connected' : 'ready';
}
