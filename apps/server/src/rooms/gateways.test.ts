import { afterEach, expect, it } from 'vitest';
import { startTestServer, type TestServer, testStreams } from '../testing/test-server.ts';

let server: TestServer;
afterEach(() => server.close());

it('a machine in the fleet list says what it is, how much it shows and how it is', async () => {
  server = await startTestServer();
  const client = await server.login('operator-1');
  const first = async () => {
    const { body } = await client.request('listGateways');
    return (body as { gateways: Array<Record<string, unknown>> }).gateways[0];
  };
  expect(await first()).toMatchObject({ deviceId: 'rover-1', streamCount: 0, status: 'offline' });
  const info = { deviceName: 'Rover One', deviceType: 'rover', version: '2.4.1' };
  await server.login('rover-1', { streams: testStreams, ...info });
  const ready = {
    deviceId: 'rover-1',
    deviceName: 'Rover One',
    deviceType: 'rover',
    streamCount: 2,
    status: 'ready',
    version: '2.4.1',
  };
  expect(await first()).toEqual(ready);
  await client.request('join', { deviceId: 'rover-1' });
  expect(await first()).toEqual({ ...ready, status: 'connected' });
  // There are no licences yet: nothing is said about one.
  expect(await first()).not.toHaveProperty('licenseExpire');
});
