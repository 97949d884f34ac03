import { LongreachError } from '@longreach/kit';
import {
  type DeviceId,
  fromPublicId,
  type MqttAddress,
  mqttTopic,
  NetworkErrorCode,
  parseMqttClientId,
  parseMqttTopic,
} from '@longreach/protocol';
import type { AedesPublishPacket, AuthenticateError, ConnectPacket, Subscription } from 'aedes';
import type { Accounts } from '../accounts/accounts.ts';

/** Longest presence, bytes. */
const maxPresenceBytes = 256;
const mqttVersion = 4;
/** Return codes of CONNACK, MQTT 3.1.1 section 3.2.2.3. */
const connackCodes = { serverUnavailable: 3, badCredentials: 4 } as const;

/** What a login over MQTT is checked with. */
export type LoginChecks = {
  accounts: Accounts;
  hasSession: (deviceId: DeviceId) => boolean;
};

/** Why a CONNECT is not even looked at; undefined when it is as ours are. */
export function connectComplaintOf(packet: ConnectPacket): string | undefined {
  const address = parseMqttClientId(packet.clientId);
  if (packet.protocolVersion !== mqttVersion) return 'only MQTT 3.1.1 is spoken here';
  if (address === undefined) return 'the client id is none of ours';
  if (packet.username !== address.publicId) return 'the client id is not that of its user';
  // A session that outlives its connection would make the broker store messages without bound.
  if (!packet.clean) return 'only clean sessions are kept';
  const { will } = packet;
  const isGoodbye =
    will?.topic === mqttTopic(address, 'presence') && will.retain && will.payload.length === 0;
  return isGoodbye ? undefined : 'the last will is not the end of its presence';
}

/** Checks the secret of a CONNECT by the accounts that signaling's login uses. Rejects with the CONNACK's error. */
export async function assertMqttLogin(
  { accounts, hasSession }: LoginChecks,
  of: { clientId: string; password: Uint8Array | undefined; address: string },
): Promise<void> {
  const publicId = parseMqttClientId(of.clientId)?.publicId ?? '';
  const deviceId = fromPublicId(publicId) as DeviceId;
  const role = accounts.devices.find(deviceId)?.role ?? 'remote';
  const secret = Buffer.from(of.password ?? []).toString('utf8');
  // A session outlives its login token; without a connection it could not be resumed. What a login wants, it wants still.
  if (hasSession(deviceId) && (await accounts.hasShownLoginToken(secret, deviceId))) return;
  try {
    await accounts.assertCredentials({ role, deviceId, secret, address: of.address });
  } catch (error) {
    const isLimited =
      error instanceof LongreachError && error.code === NetworkErrorCode.ServerOverload;
    throw connackError(isLimited ? connackCodes.serverUnavailable : connackCodes.badCredentials);
  }
}

/** Whether this client may publish this: texts on its own `up`, its presence, and nothing else. */
export function mayPublish(
  clientId: string,
  { topic, retain, qos, payload }: Pick<AedesPublishPacket, 'topic' | 'retain' | 'qos' | 'payload'>,
): boolean {
  const parsed = ownTopicOf(clientId, topic);
  // Quality of service 2 makes the broker keep each message until its release.
  if (parsed === undefined || qos > 1) return false;
  if (parsed.kind === 'presence') return retain && payload.length <= maxPresenceBytes;
  return parsed.kind === 'up' && !retain;
}

/** Whether this client may subscribe to this: its own `down` or presence, and nothing else. */
export function maySubscribe(clientId: string, { topic }: Pick<Subscription, 'topic'>): boolean {
  const kind = ownTopicOf(clientId, topic)?.kind;
  return kind === 'down' || kind === 'presence';
}

function ownTopicOf(clientId: string, topic: string) {
  const own: MqttAddress | undefined = parseMqttClientId(clientId);
  const parsed = parseMqttTopic(topic);
  if (own === undefined || parsed === undefined) return undefined;
  return parsed.publicId === own.publicId && parsed.linkId === own.linkId ? parsed : undefined;
}

function connackError(returnCode: number): AuthenticateError {
  return Object.assign(new Error('login refused'), { returnCode });
}
