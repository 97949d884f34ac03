import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NetworkErrorCode } from './codes.ts';
import {
  decodeEnvelope,
  encodeEnvelope,
  isMachineRequestVerb,
  isNoticeName,
  isRequestVerb,
} from './envelope.ts';
import { limits } from './limits.ts';
import type { Envelope } from './signaling.ts';

const v = fc.constant(1 as const);
const id = fc.integer({ min: 0, max: 0x7fffffff });
const word = fc.string({ maxLength: 64 });
const body = fc.jsonValue();
const envelope: fc.Arbitrary<Envelope> = fc.oneof(
  fc.record({ v, id, verb: word, body }),
  fc.record(
    {
      v,
      re: id,
      code: fc.constantFrom(...Object.values(NetworkErrorCode)),
      message: fc.string(),
      body,
    },
    { requiredKeys: ['v', 're', 'code', 'message'] },
  ),
  fc.record({ v, event: word, body }),
) as fc.Arbitrary<Envelope>;

describe('signaling envelope', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(envelope, (value) => {
        const text = encodeEnvelope(value);
        const read = decodeEnvelope(text);
        const kind = 're' in value ? 'reply' : 'event' in value ? 'notice' : 'request';
        // JSON has no −0, so the comparison is with what the text says.
        expect(read).toEqual({ kind, envelope: JSON.parse(text) });
      }),
      { numRuns: 1000 },
    );
  });

  it('tells no JSON from JSON that is no envelope', () => {
    expect(decodeEnvelope('{"v":1,')).toMatchObject({ code: NetworkErrorCode.InvalidJson });
    for (const text of ['null', '[]', '3', '"x"', '{}', '{"v":1,"verb":"join"}']) {
      expect(decodeEnvelope(text)).toMatchObject({
        kind: 'malformed',
        code: NetworkErrorCode.InvalidParameters,
      });
    }
  });

  it('gives the id of a malformed request, so that it can be replied to', () => {
    expect(decodeEnvelope('{"v":2,"id":7,"verb":"join","body":{}}')).toMatchObject({ id: 7 });
    expect(decodeEnvelope('{"v":1,"id":7,"verb":"join","body":{},"more":1}')).toMatchObject({
      kind: 'malformed',
      id: 7,
    });
    expect(decodeEnvelope('{"v":1,"id":-1,"verb":"join","body":{}}')).not.toHaveProperty('id');
  });

  it('says when the version is another', () => {
    expect(decodeEnvelope('{"v":2,"event":"alive","body":{}}')).toMatchObject({
      message: "v: the envelope's version is not 1",
    });
  });

  it('says where an envelope is wrong', () => {
    expect(decodeEnvelope('{"v":1,"id":7,"verb":5,"body":{}}')).toMatchObject({
      id: 7,
      message: expect.stringMatching(/^verb: /),
    });
    expect(decodeEnvelope('{"v":1,"re":1,"code":"x","message":""}')).toMatchObject({
      message: expect.stringMatching(/^code: /),
    });
  });

  it('gives the id of a request that is too large, where it stands at the front', () => {
    const body = 'x'.repeat(limits.signalingMessageBytes);
    const idOf = (message: object) => {
      const read = decodeEnvelope(JSON.stringify(message));
      expect(read).toMatchObject({
        kind: 'malformed',
        code: NetworkErrorCode.InvalidParameters,
        message: expect.stringContaining(`above the limit of ${limits.signalingMessageBytes}`),
      });
      return 'id' in read ? read.id : undefined;
    };
    expect(idOf({ v: 1, id: 500, verb: 'offer', body })).toBe(500);
    expect(idOf({ v: 1, id: 0x80000000, verb: 'offer', body })).toBeUndefined();
    expect(idOf({ v: 1, event: 'x', body })).toBeUndefined();
  });

  it('reads an unknown code as UnknownError, never as success', () => {
    expect(decodeEnvelope('{"v":1,"re":1,"code":31,"message":""}')).toMatchObject({
      envelope: { code: NetworkErrorCode.UnknownError },
    });
  });

  it('counts the limit in bytes, both ways', () => {
    const overhead = encodeEnvelope({ v: 1, event: 'x', body: '' }).length;
    const room = limits.signalingMessageBytes - overhead;
    const fits = encodeEnvelope({ v: 1, event: 'x', body: 'a'.repeat(room) });
    expect(decodeEnvelope(fits)).toMatchObject({ kind: 'notice' });
    expect(decodeEnvelope(`${fits} `)).toMatchObject({ kind: 'malformed' });
    const threeBytesEach = '€'.repeat(Math.ceil(room / 3) + 1);
    expect(() => encodeEnvelope({ v: 1, event: 'x', body: threeBytesEach })).toThrow(RangeError);
  });

  it('takes no inherited property for a verb', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', '']) {
      expect(isRequestVerb(name)).toBe(false);
      expect(isMachineRequestVerb(name)).toBe(false);
      expect(isNoticeName(name)).toBe(false);
    }
    expect(isRequestVerb('join') && isMachineRequestVerb('invite') && isNoticeName('alive')).toBe(
      true,
    );
  });
});
