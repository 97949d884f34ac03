import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EncodedSound, ReturnSender } from './return-sender.ts';

/** Sound as Node has none: what was asked for is all that matters. */
class FakeAudioData {
  readonly init: { numberOfFrames: number; timestamp: number };

  constructor(init: { numberOfFrames: number; timestamp: number }) {
    this.init = init;
  }

  close(): void {}
}

const scope = globalThis as { AudioData?: unknown };

beforeEach(() => {
  scope.AudioData = FakeAudioData;
});

afterEach(() => {
  delete scope.AudioData;
});

function setUp() {
  const written: FakeAudioData[] = [];
  const sound = new WritableStream<FakeAudioData>({
    write(data) {
      written.push(data);
    },
  });
  const sender = new ReturnSender(sound as unknown as WritableStream<AudioData>);
  const nextPayload = () => {
    const frame: EncodedSound = { data: new ArrayBuffer(3) };
    return sender.fill(frame) ? [...new Uint8Array(frame.data)] : undefined;
  };
  return { sender, written, nextPayload };
}

test('each message costs one packet of silence, whose payload it becomes', async () => {
  const { sender, written, nextPayload } = setUp();
  sender.send(Uint8Array.of(7, 8));
  expect(nextPayload()).toEqual([7, 8]);
  sender.send(Uint8Array.of(9));
  expect(nextPayload()).toEqual([9]);
  await expect.poll(() => written.length).toBe(2);
  expect(written.map(({ init }) => [init.numberOfFrames, init.timestamp])).toEqual([
    [480, 0],
    [480, 10_000],
  ]);
});

test('silence that got lost is made up for: messages do not stay late, and keep their order', async () => {
  const { sender, written, nextPayload } = setUp();
  for (const one of [1, 2, 3]) sender.send(Uint8Array.of(one));
  await expect.poll(() => written.length).toBeGreaterThan(0);
  // The browser lost all of that silence; each further message brings one packet more than it needs.
  const arrived: number[][] = [];
  for (const one of [4, 5, 6, 7]) {
    const before = written.length;
    sender.send(Uint8Array.of(one));
    await expect.poll(() => written.length).toBeGreaterThan(before);
    await new Promise((resolve) => setImmediate(resolve));
    for (let packet = before; packet < written.length; packet++) {
      const payload = nextPayload();
      if (payload) arrived.push(payload);
    }
  }
  expect(arrived.flat()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('sound without a message is not sent', () => {
  expect(setUp().nextPayload()).toBeUndefined();
});

test('of many messages that wait the oldest are dropped', () => {
  const { sender, nextPayload } = setUp();
  for (let i = 0; i < 20; i++) sender.send(Uint8Array.of(i));
  expect(nextPayload()).toEqual([4]);
});
