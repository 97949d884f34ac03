import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceIdSchema } from './ids.ts';
import {
  mqttClientId,
  mqttTopic,
  mqttTopicFilter,
  mqttTopicKinds,
  mqttUrlOf,
  parseMqttClientId,
  parseMqttTopic,
} from './mqtt-topics.ts';
import { fromPublicId, toPublicId } from './public-ids.ts';

const idPart = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}$/);
const addresses = fc.record({
  publicId: fc.tuple(idPart, idPart).map((parts) => parts.join('/')),
  linkId: fc.stringMatching(/^[A-Za-z0-9_-]{8,64}$/),
});

/** Whether a topic fits a filter with `+`, as a broker judges it. */
function fits(topic: string, filter: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  if (levels.length !== wanted.length) return false;
  return wanted.every((level, i) => level === '+' || level === levels[i]);
}

describe('MQTT topics', () => {
  it('are read as they were written, and one filter of a server hears them', () => {
    fc.assert(
      fc.property(addresses, fc.constantFrom(...mqttTopicKinds), (address, kind) => {
        const topic = mqttTopic(address, kind);
        expect(parseMqttTopic(topic)).toEqual({ ...address, kind });
        for (const other of mqttTopicKinds) {
          expect(fits(topic, mqttTopicFilter(other))).toBe(other === kind);
        }
        expect(parseMqttClientId(mqttClientId(address))).toEqual(address);
      }),
    );
  });

  it.each([
    'longreach/v1/default/rover-1/abcdefgh/sideways',
    'longreach/v1/default/rover-1/abcdefgh/up/more',
    'longreach/v1/rover-1/abcdefgh/up',
    'longreach/v1/default/rover-1/+/up',
    'longreach/v1/default/#',
    'longreach/v2/default/rover-1/abcdefgh/up',
    'longreach/v1/default/.hidden/abcdefgh/up',
    'longreach/v1/default/rover-1/short/up',
    `longreach/v1/default/${'x'.repeat(300)}/abcdefgh/up`,
    '$SYS/broker/new/clients',
    '',
  ])('of others are none: %s', (topic) => {
    expect(parseMqttTopic(topic)).toBeUndefined();
  });

  it('no text makes reading throw, and no other text reads as the same link', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const topic = parseMqttTopic(text);
        if (topic) expect(mqttTopic(topic, topic.kind)).toBe(text);
        const address = parseMqttClientId(text);
        if (address) expect(mqttClientId(address)).toBe(text);
      }),
    );
    expect(parseMqttClientId('default/rover-1')).toBeUndefined();
    expect(parseMqttClientId('rover-1:abcdefgh')).toBeUndefined();
  });

  it('MQTT is found beside signaling, also below a path', () => {
    expect(mqttUrlOf('wss://drive.example.org/signaling')).toBe('wss://drive.example.org/mqtt');
    expect(mqttUrlOf('ws://10.0.0.1:8080/fleet/signaling')).toBe('ws://10.0.0.1:8080/fleet/mqtt');
  });
});

describe('public ids', () => {
  it('name the default project where an id names none, and only there', () => {
    expect(toPublicId('rover-1')).toBe('default/rover-1');
    expect(toPublicId('mine/rover-1')).toBe('mine/rover-1');
    expect(fromPublicId('default/rover-1')).toBe('rover-1');
    expect(fromPublicId('mine/rover-1')).toBe('mine/rover-1');
    expect(fromPublicId('rover-1')).toBe('rover-1');
  });

  it('mean one device each', () => {
    fc.assert(
      fc.property(fc.tuple(idPart, fc.option(idPart)), ([first, second]) => {
        const id = second === null ? first : `${first}/${second}`;
        expect(deviceIdSchema.safeParse(toPublicId(id)).success).toBe(true);
        expect(toPublicId(fromPublicId(toPublicId(id)))).toBe(toPublicId(id));
      }),
    );
  });
});
