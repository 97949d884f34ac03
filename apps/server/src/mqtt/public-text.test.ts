import {
  machineRequestSchemas,
  noticeSchemas,
  replySchemas,
  requestSchemas,
} from '@longreach/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromPublicText, idListMembers, idMembers, toPublicText } from './public-text.ts';

/** Names of every member in all messages, at any depth. */
function membersOfAllMessages(): Set<string> {
  const names = new Set<string>();
  const visit = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    if ('properties' in schema)
      for (const name of Object.keys(schema.properties ?? {})) names.add(name);
    for (const part of Object.values(schema)) visit(part);
  };
  const groups = [requestSchemas, machineRequestSchemas, replySchemas, noticeSchemas];
  for (const schema of groups.flatMap((group) => Object.values(group) as z.ZodType[])) {
    visit(z.toJSONSchema(schema, { io: 'input' }));
  }
  return names;
}

describe('ids of public mode', () => {
  it('are given to clients and taken from them, wherever a message holds one', () => {
    const inside = {
      v: 1,
      event: 'any',
      body: {
        deviceId: 'rover-1',
        lease: { epoch: 3, masterId: 'operator-1', reason: 'granted' },
        gateways: [{ deviceId: 'rover-1' }, { deviceId: 'mine/rover-2' }],
        rooms: ['rover-1', 'mine/rover-2'],
        remoteId: 'operator-1',
        roomId: 'rover-1',
        from: 'operator-1',
        to: 'operator-2',
        data: 'deviceId of "rover-1"',
      },
    };
    const text = toPublicText(JSON.stringify(inside));
    expect(JSON.parse(text).body).toEqual({
      deviceId: 'default/rover-1',
      lease: { epoch: 3, masterId: 'default/operator-1', reason: 'granted' },
      gateways: [{ deviceId: 'default/rover-1' }, { deviceId: 'mine/rover-2' }],
      rooms: ['default/rover-1', 'mine/rover-2'],
      remoteId: 'default/operator-1',
      roomId: 'default/rover-1',
      from: 'default/operator-1',
      to: 'default/operator-2',
      data: 'deviceId of "rover-1"',
    });
    expect(JSON.parse(fromPublicText(text))).toEqual(inside);
  });

  it('are looked for in every member of the protocol that holds one', () => {
    const named = [...membersOfAllMessages()].filter((name) =>
      /(device|master|remote|room)/i.test(name),
    );
    const handled = new Set<string>([...idMembers, ...idListMembers]);
    // What is left are names and numbers of things, no ids.
    expect(named.filter((name) => !handled.has(name)).toSorted()).toEqual([
      'deviceName',
      'deviceType',
      'remote',
      'remotes',
    ]);
  });

  it('leave what is no message as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const torn = `{"deviceId": ${text}`;
        const isJson = (() => {
          try {
            JSON.parse(torn);
            return true;
          } catch {
            return false;
          }
        })();
        if (!isJson) expect(fromPublicText(torn)).toBe(torn);
      }),
    );
    expect(fromPublicText('{"v":1,"event":"alive","body":{}}')).toBe(
      '{"v":1,"event":"alive","body":{}}',
    );
    const long = `{"deviceId":"default/x","data":"${'x'.repeat(70_000)}"}`;
    expect(fromPublicText(long)).toBe(long);
  });
});
