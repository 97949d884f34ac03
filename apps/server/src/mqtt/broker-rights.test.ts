import { mqttClientId, mqttTopic } from '@longreach/protocol';
import type { ConnectPacket } from 'aedes';
import { describe, expect, it } from 'vitest';
import { connectComplaintOf, mayPublish, maySubscribe } from './broker-rights.ts';

const own = { publicId: 'default/rover-1', linkId: '0123456789abcdef' };
const clientId = mqttClientId(own);
const others = [
  { ...own, linkId: 'fedcba9876543210' },
  { ...own, publicId: 'default/rover-2' },
  { ...own, publicId: 'mine/rover-1' },
];
const message = { retain: false, qos: 0 as 0 | 1 | 2, payload: Buffer.from('{}') };

const connect = {
  cmd: 'connect',
  clientId,
  protocolVersion: 4,
  protocolId: 'MQTT',
  username: own.publicId,
  clean: true,
  will: { topic: mqttTopic(own, 'presence'), retain: true, qos: 0, payload: Buffer.alloc(0) },
} as ConnectPacket;

describe('rights of an MQTT client', () => {
  it('may publish messages and its presence, on its own topics', () => {
    expect(mayPublish(clientId, { ...message, topic: mqttTopic(own, 'up') })).toBe(true);
    const presence = { ...message, topic: mqttTopic(own, 'presence'), retain: true };
    expect(mayPublish(clientId, presence)).toBe(true);
  });

  it.each<[string, Partial<typeof message> & { topic: string }]>([
    ['another topic of its own', { topic: mqttTopic(own, 'down') }],
    ['a retained message', { topic: mqttTopic(own, 'up'), retain: true }],
    ['a presence that passes', { topic: mqttTopic(own, 'presence') }],
    [
      'a long presence',
      { topic: mqttTopic(own, 'presence'), retain: true, payload: Buffer.alloc(257) },
    ],
    ['a message the broker has to keep', { topic: mqttTopic(own, 'up'), qos: 2 }],
    ['a topic of the broker', { topic: '$SYS/broker/new/clients' }],
    ['any other topic', { topic: 'somewhere' }],
    ...others.map((other): [string, { topic: string }] => [
      `what is of ${mqttClientId(other)}`,
      { topic: mqttTopic(other, 'up') },
    ]),
  ])('may not publish %s', (_what, packet) => {
    expect(mayPublish(clientId, { ...message, ...packet })).toBe(false);
  });

  it('may subscribe to what is sent to it, and to nothing else', () => {
    expect(maySubscribe(clientId, { topic: mqttTopic(own, 'down') })).toBe(true);
    expect(maySubscribe(clientId, { topic: mqttTopic(own, 'presence') })).toBe(true);
    const refused = [
      ...others.map((other) => mqttTopic(other, 'down')),
      ...['#', '$SYS/#', 'longreach/v1/default/rover-1/#', 'longreach/v1/+/+/+/down'],
      mqttTopic(own, 'up'),
    ];
    for (const topic of refused) expect(maySubscribe(clientId, { topic })).toBe(false);
  });
});

describe('a CONNECT', () => {
  it('as our clients send it is looked at', () => {
    expect(connectComplaintOf(connect)).toBeUndefined();
  });

  it.each([
    ['another version', { protocolVersion: 5 as const }],
    [
      'a client id of another device',
      { clientId: mqttClientId({ ...own, publicId: 'default/rover-2' }) },
    ],
    ['a client id of its own making', { clientId: 'rover-1' }],
    ['no user', { username: undefined }],
    ['a session that stays', { clean: false }],
    ['no last will', { will: undefined }],
    ['a last will about another', { will: { ...connect.will, topic: mqttTopic(own, 'up') } }],
    ['a last will that says something', { will: { ...connect.will, payload: Buffer.from('x') } }],
  ])('with %s is not', (_what, change) => {
    expect(connectComplaintOf({ ...connect, ...change } as ConnectPacket)).toBeTypeOf('string');
  });
});
