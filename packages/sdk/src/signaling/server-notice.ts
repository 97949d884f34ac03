import type { NoticeBody, NoticeEnvelope, OnEventResponse, ServerStats } from '@longreach/protocol';
import { isObject } from './signaling-message.ts';

type Notice<Name extends 'leaseChanged' | 'machinePresence' | 'connectionLost'> = {
  event: Name;
  body: NoticeBody<Name>;
};

/** Notices about one machine. */
export type MachineNotice =
  | Notice<'leaseChanged'>
  | Notice<'machinePresence'>
  | Notice<'connectionLost'>;

/** Notices that a remote device acts upon. */
export type ServerNotice =
  | { kind: 'machine'; deviceId: string; notice: MachineNotice }
  /** The page is told, nothing else changes. */
  | { kind: 'event'; deviceId: string; event: OnEventResponse }
  | { kind: 'serverStats'; deviceId: string; stats: ServerStats }
  | { kind: 'gateways'; gateways: NoticeBody<'gatewaysChanged'>['gateways'] };

/** Sorts a notice and checks the members that are acted upon; undefined for what this client does not know. */
export function readNotice({ event, body }: NoticeEnvelope): ServerNotice | undefined {
  if (!isObject(body)) return undefined;
  if (event === 'gatewaysChanged') {
    const { gateways } = body as NoticeBody<'gatewaysChanged'>;
    return Array.isArray(gateways) ? { kind: 'gateways', gateways } : undefined;
  }
  const { deviceId } = body;
  if (typeof deviceId !== 'string') return undefined;
  if (event === 'gatewayStats') return readGatewayStats(deviceId, body.stats);
  if (event === 'serverStats') {
    const { stats } = body as NoticeBody<'serverStats'>;
    return isObject(stats) ? { kind: 'serverStats', deviceId, stats } : undefined;
  }
  if (!isMachineNotice(event, body)) return undefined;
  return { kind: 'machine', deviceId, notice: { event, body } as unknown as MachineNotice };
}

function readGatewayStats(fieldDeviceId: string, stats: unknown): ServerNotice | undefined {
  if (!isObject(stats)) return undefined;
  const event: OnEventResponse = { type: 'gatewayStats', data: { fieldDeviceId, stats } };
  return { kind: 'event', deviceId: fieldDeviceId, event };
}

function isMachineNotice(event: string, body: Record<string, unknown>): boolean {
  if (event === 'leaseChanged') return isObject(body.lease) && Number.isInteger(body.lease.epoch);
  if (event === 'connectionLost') return typeof body.connectionId === 'string';
  if (event !== 'machinePresence') return false;
  const { state, streams } = body;
  return (
    (state === 'online' || state === 'suspect' || state === 'offline') && Array.isArray(streams)
  );
}
