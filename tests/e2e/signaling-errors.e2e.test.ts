import { limits, NetworkErrorCode } from '@longreach/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CockpitPage } from '../support/cockpit-page.ts';
import { eventually } from '../support/eventually.ts';
import { countPeers } from '../support/page-taps.ts';
import { openRawLink, overPageLink, type RawSignaling } from '../support/raw-signaling.ts';
import { startTestBed, type TestBed } from '../support/test-bed.ts';

const { Success, InvalidJson, InvalidParameters, StreamNotFound, TrackNotFound } = NetworkErrorCode;
const { UserNotJoined, UserRepeatedJoin, SourceUserNotExist, InvalidUserSignature } =
  NetworkErrorCode;

let bed: TestBed;
let cockpit: CockpitPage;
let link: RawSignaling;
/** Far from the ids that the page's own client gives. */
let nextId = 1_000_000;

beforeAll(async () => {
  bed = await startTestBed();
  cockpit = await bed.openMachine();
  link = await overPageLink(cockpit.page);
});
afterAll(() => bed?.close());

async function ask(verb: string, body: unknown, over = link) {
  const id = nextId++;
  await over.send(JSON.stringify({ v: 1, id, verb, body }));
  return over.reply(id);
}

async function codeOf(verb: string, body: unknown, over = link): Promise<number> {
  return (await ask(verb, body, over)).code;
}

describe('over the link of a page that watches', () => {
  const deviceId = 'rover-1';
  /** The page's own links and connections: nothing may have replaced them. */
  const opened = async () => ({
    peers: await countPeers(cockpit.page),
    sockets: await cockpit.page.evaluate(() => window.longreachTaps.sockets.length),
  });
  let before: Awaited<ReturnType<typeof opened>>;

  beforeAll(async () => {
    before = await opened();
  });
  // Whatever was said: the same link goes on, and so do the pictures.
  afterEach(async () => {
    expect(await codeOf('listGateways', {})).toBe(Success);
    const frames = () =>
      cockpit
        .at('main-video')
        .evaluate(
          (video) => (video as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames,
        );
    const shown = await frames();
    await eventually('more pictures', async () => (await frames()) > shown);
    expect(await opened()).toEqual(before);
  });

  test('malformed JSON is InvalidJson', async () => {
    for (const text of ['{"v":1,', 'hello', '']) {
      await link.send(text);
      expect((await link.reply(0)).code).toBe(InvalidJson);
    }
  });

  test('what is JSON and no envelope is InvalidParameters', async () => {
    for (const value of [[], 7, null, {}, { v: 2, id: 0, verb: 'join', body: {} }]) {
      await link.send(JSON.stringify(value));
      expect((await link.reply(0)).code).toBe(InvalidParameters);
    }
  });

  test('unknown verbs and unknown keys are InvalidParameters', async () => {
    for (const verb of ['fly', '', 'constructor', '__proto__']) {
      expect(await codeOf(verb, {})).toBe(InvalidParameters);
    }
    expect(await codeOf('schedule', { deviceId, also: 1 })).toBe(InvalidParameters);
    expect(await codeOf('schedule', { deviceId: 'rover 1' })).toBe(InvalidParameters);
  });

  test('a message above 64 KB is InvalidParameters', async () => {
    const data = 'x'.repeat(limits.signalingMessageBytes);
    expect(await codeOf('customData', { deviceId, data })).toBe(InvalidParameters);
  });

  test('joining or logging in twice is UserRepeatedJoin', async () => {
    expect(await codeOf('join', { deviceId })).toBe(UserRepeatedJoin);
    const login = { role: 'remote', deviceId: 'operator-1', secret: 'x', version: '1' };
    expect(await codeOf('login', login)).toBe(UserRepeatedJoin);
  });

  test('subscribing to what does not exist has its own code', async () => {
    const connectionId = 'none.1';
    const subscribe = { deviceId, connectionId, mid: '0', mediaType: 'video' };
    expect(await codeOf('subscribe', { ...subscribe, streamId: 7 })).toBe(StreamNotFound);
    const silent = { ...subscribe, streamId: 1, mediaType: 'audio' };
    expect(await codeOf('subscribe', silent)).toBe(TrackNotFound);
    expect(await codeOf('subscribe', { ...subscribe, streamId: 0 })).toBe(InvalidParameters);
    expect(await codeOf('subscribe', { ...subscribe, streamId: 99 })).toBe(InvalidParameters);
    expect(await codeOf('join', { deviceId: 'rover-2' })).toBe(SourceUserNotExist);
    expect(await codeOf('leave', { deviceId: 'rover-2' })).toBe(UserNotJoined);
  });
});

describe('over a link of its own', () => {
  const login = { role: 'remote', deviceId: 'operator-2', version: '1' };

  test('a wrong password is InvalidUserSignature, whoever it is for; the right one still works', async () => {
    const raw = await openRawLink(bed.system.server.url);
    const guess = { ...login, secret: 'wrong' };
    expect(await codeOf('login', guess, raw)).toBe(InvalidUserSignature);
    expect(await codeOf('login', { ...guess, deviceId: 'nobody' }, raw)).toBe(InvalidUserSignature);
    expect(await codeOf('join', { deviceId: 'rover-1' }, raw)).toBe(UserNotJoined);
    const secret = bed.system.operatorKeys.get('operator-2');
    expect(await codeOf('login', { ...login, secret }, raw)).toBe(Success);
    expect(await codeOf('join', { deviceId: 'rover-1' }, raw)).toBe(Success);
    raw.close();
    await raw.closed;
  });

  test('a machine’s key opens no operator’s session, and the other way round', async () => {
    const raw = await openRawLink(bed.system.server.url);
    const secret = bed.system.operatorKeys.get('operator-2');
    const asMachine = { role: 'field', deviceId: 'rover-1', secret, version: '1', streams: [] };
    expect(await codeOf('login', asMachine, raw)).toBe(InvalidUserSignature);
    const otherRole = { ...login, role: 'field', secret, streams: [] };
    expect(await codeOf('login', otherRole, raw)).toBe(InvalidUserSignature);
    raw.close();
    await raw.closed;
  });

  test('a message far above the limit ends its link (1009) and no other', async () => {
    const raw = await openRawLink(bed.system.server.url);
    await raw.send('x'.repeat(2 * 1024 * 1024));
    expect(await raw.closed).toBe(1009);
    expect(await codeOf('listGateways', {})).toBe(Success);
  });
});
