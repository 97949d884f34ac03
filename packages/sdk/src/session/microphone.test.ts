import { NetworkErrorCode } from '@longreach/protocol';
import { expect, it } from 'vitest';
import { settle } from '../testing/manual-page-clock.ts';
import { Microphone } from './microphone.ts';
import type { SessionContext } from './session-context.ts';
import type { SessionMedia } from './session-media.ts';

class FakeTrack extends EventTarget {
  readonly kind: string;

  constructor(kind: string) {
    super();
    this.kind = kind;
  }
}

function setUp() {
  const told: unknown[] = [];
  const sent: unknown[] = [];
  const context = {
    selfId: 'operator-1',
    emit: (name: string, payload: unknown) => told.push([name, payload]),
  } as unknown as SessionContext;
  const media = {
    setMicrophone: async (track: unknown) => void sent.push(track),
  } as unknown as SessionMedia;
  const microphone = new Microphone(context, media);
  const publish = (track: FakeTrack) => microphone.publish(track as unknown as MediaStreamTrack);
  return { told, sent, microphone, publish };
}

const unpublished = (reason: string) => [
  'event',
  {
    type: 'localTrackUnpublished',
    data: { trackId: 'operator-1:0:audio', mediaType: 'audio', reason },
  },
];

it('a track that is unpublished is told once, and nothing is sent any more', async () => {
  const { told, sent, microphone, publish } = setUp();
  const track = new FakeTrack('audio');
  await publish(track);
  await microphone.unpublish('unpublished');
  await microphone.unpublish('unpublished');
  expect(sent).toEqual([track, null]);
  expect(told).toEqual([unpublished('unpublished')]);
});

it('a microphone that is pulled out is told, one that was replaced is not', async () => {
  const { told, publish } = setUp();
  const [first, second] = [new FakeTrack('audio'), new FakeTrack('audio')];
  await publish(first);
  await publish(second);
  first.dispatchEvent(new Event('ended'));
  await settle();
  expect(told).toEqual([]);
  second.dispatchEvent(new Event('ended'));
  await settle();
  expect(told).toEqual([unpublished('ended')]);
});

it('only sound can be published', async () => {
  const { sent, publish } = setUp();
  await expect(publish(new FakeTrack('video'))).rejects.toMatchObject({
    code: NetworkErrorCode.InvalidParameters,
  });
  expect(sent).toEqual([]);
});
