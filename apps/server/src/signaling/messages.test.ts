import { limits, NetworkErrorCode } from '@longreach/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
afterEach(() => server.close());

describe('messages that are not as they should be', () => {
  it('not JSON: InvalidJson with re 0, the link goes on', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    client.sendText('{"v":1,"id":');
    expect(await client.replyTo(0)).toMatchObject({ code: NetworkErrorCode.InvalidJson });
    client.sendBytes(Uint8Array.of(1, 2, 3));
    expect(await client.replyTo(0)).toMatchObject({ code: NetworkErrorCode.InvalidJson });
    expect((await client.request('listGateways')).code).toBe(NetworkErrorCode.Success);
  });

  it('no envelope or another version: InvalidParameters, with the id where there is one', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    client.sendText('[1]');
    expect(await client.replyTo(0)).toMatchObject({ code: NetworkErrorCode.InvalidParameters });
    client.sendText(JSON.stringify({ v: 2, id: 77, verb: 'listGateways', body: {} }));
    expect(await client.replyTo(77)).toMatchObject({
      code: NetworkErrorCode.InvalidParameters,
      message: expect.stringContaining('v:'),
    });
    client.sendText(JSON.stringify({ v: 1, id: 78, verb: 'listGateways', body: {}, extra: 1 }));
    expect(await client.replyTo(78)).toMatchObject({ code: NetworkErrorCode.InvalidParameters });
  });

  it('unknown verb, inherited names too: InvalidParameters', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    for (const verb of ['fly', 'constructor', '__proto__']) {
      expect((await client.request(verb)).code).toBe(NetworkErrorCode.InvalidParameters);
    }
  });

  it('a wrong body: InvalidParameters with the path in the message', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    const reply = await client.request('subscribe', {
      deviceId: 'rover-1',
      connectionId: 'c',
      mid: '0',
      streamId: 'front',
      mediaType: 'video',
    });
    expect(reply.code).toBe(NetworkErrorCode.InvalidParameters);
    expect(reply.message).toContain('body.streamId');
  });

  it('above 64 KB: InvalidParameters for that request, other work undisturbed', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    const size = limits.signalingMessageBytes;
    client.sendText(JSON.stringify({ v: 1, id: 500, verb: 'offer', body: 'x'.repeat(size) }));
    const other = client.request('listGateways');
    expect((await client.replyTo(500)).code).toBe(NetworkErrorCode.InvalidParameters);
    expect((await other).code).toBe(NetworkErrorCode.Success);
    client.sendText('x'.repeat(size + 1));
    expect((await client.replyTo(0)).code).toBe(NetworkErrorCode.InvalidParameters);
    // Exactly at the limit it is read: so the fault is that it is no JSON.
    client.sendText('x'.repeat(size));
    expect((await client.replyTo(0)).code).toBe(NetworkErrorCode.InvalidJson);
  });

  it('above 1 MiB the link is closed with 1009, and the session can be resumed', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    client.sendText('x'.repeat(1024 * 1024 + 1));
    expect((await client.closed).code).toBe(1009);
    const again = await server.connect();
    expect((await again.resume(client.resumeToken)).code).toBe(NetworkErrorCode.Success);
  });

  it('too many messages: ServerOverload, but an emergency stop passes', async () => {
    server = await startTestServer({ limits: { signalingMessagesPerSecond: 10 } });
    const rover = await server.login('rover-1');
    const client = await server.login('operator-1');
    await client.request('join', { deviceId: 'rover-1' });
    const codes = await Promise.all(
      Array.from({ length: 30 }, async () => (await client.request('listGateways')).code),
    );
    expect(codes).toContain(NetworkErrorCode.ServerOverload);
    const stop = await client.request('emergencyStop', { deviceId: 'rover-1' });
    expect(stop.code).toBe(NetworkErrorCode.Success);
    expect(await rover.serverRequest('emergencyStop')).toEqual({ remoteId: 'operator-1' });
  });

  it('notices that nobody sends, and replies that nobody awaits, change nothing', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    client.notify('machinePresence', { deviceId: 'rover-1', state: 'offline', streams: [] });
    const lease = { epoch: 9, masterId: 'operator-1', reason: 'granted' };
    client.notify('leaseChanged', { deviceId: 'rover-1', lease });
    client.sendText(JSON.stringify({ v: 1, re: 4, code: 0, message: 'ok' }));
    const reply = await client.request('join', { deviceId: 'rover-1' });
    expect(reply.body).toMatchObject({ lease: { epoch: 0, masterId: null } });
  });

  it('every request of a random flood of envelopes is answered and the server lives', async () => {
    server = await startTestServer();
    const client = await server.login('operator-1');
    const bodies = [null, 1, 'x', [], {}, { deviceId: '../etc' }, { deviceId: 'rover-1', x: 1 }];
    for (const verb of ['join', 'offer', 'permission', 'customData', 'resume', 'leave']) {
      for (const body of bodies) {
        const { code } = await client.request(verb, body);
        expect(code).not.toBe(NetworkErrorCode.UnknownError);
      }
    }
  });
});
