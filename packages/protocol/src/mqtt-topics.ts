/**
 * Topics of signaling over MQTT (3.1.1): `longreach/v1/${projectId}/${deviceId}/${linkId}/${kind}`. One MQTT connection
 * is one link; its client publishes on `up` and `presence` and subscribes to `down`, all three of its own link alone.
 * Payloads of `up` and `down` are the texts of `signaling.ts`, one envelope a message, quality of service 0: a link
 * ends with its connection, and what was lost with it is asked for again by whoever misses it.
 */

/** Where brokers of ours take MQTT over WebSocket. */
export const mqttPath = '/mqtt';
/** Payload of `presence` while a link is there, retained; an empty one, as the last will says too, takes it away. */
export const presenceOnline = '{"v":1,"state":"online"}';

/** `up`: client to server; `down`: server to client; `presence`: whether the link is there. */
export const mqttTopicKinds = ['up', 'down', 'presence'] as const;
export type MqttTopicKind = (typeof mqttTopicKinds)[number];

/** Whose link. */
export type MqttAddress = {
  /** `${projectId}/${deviceId}`. */
  publicId: string;
  /** Random, new for each connection, so that an older one's last will never ends its successor. */
  linkId: string;
};

const root = 'longreach/v1';
const idPart = '[A-Za-z0-9_-][A-Za-z0-9._-]*';
const address = `(${idPart}/${idPart})`;
const link = '([A-Za-z0-9_-]{8,64})';
const topicPattern = new RegExp(`^${root}/${address}/${link}/(${mqttTopicKinds.join('|')})$`);
const clientIdPattern = new RegExp(`^${address}:${link}$`);
/** Longest topic or client id that is read, characters: both ids have 128 at most. */
const maxLength = 256;

/** Topic of one link. */
export function mqttTopic({ publicId, linkId }: MqttAddress, kind: MqttTopicKind): string {
  return `${root}/${publicId}/${linkId}/${kind}`;
}

/** What a server subscribes to, to hear all links. */
export function mqttTopicFilter(kind: MqttTopicKind): string {
  return `${root}/+/+/+/${kind}`;
}

/** Reads a topic; undefined for one that is none of ours. */
export function parseMqttTopic(topic: string): (MqttAddress & { kind: MqttTopicKind }) | undefined {
  const match = topic.length <= maxLength ? topicPattern.exec(topic) : null;
  const [, publicId, linkId, kind] = match ?? [];
  if (publicId === undefined || linkId === undefined) return undefined;
  return { publicId, linkId, kind: kind as MqttTopicKind };
}

/** Client identifier of a link's connection; with the device's id in front, nobody takes over another device's. */
export function mqttClientId({ publicId, linkId }: MqttAddress): string {
  return `${publicId}:${linkId}`;
}

/** Reads a client identifier; undefined for one that is none of ours. */
export function parseMqttClientId(clientId: string): MqttAddress | undefined {
  const match = clientId.length <= maxLength ? clientIdPattern.exec(clientId) : null;
  const [, publicId, linkId] = match ?? [];
  return publicId === undefined || linkId === undefined ? undefined : { publicId, linkId };
}

/** Address of MQTT beside a signaling endpoint: `wss://host/signaling` gives `wss://host/mqtt`. Throws TypeError for no URL. */
export function mqttUrlOf(signalingUrl: string): string {
  return new URL(mqttPath.slice(1), signalingUrl).href;
}
