import { AutoplayCode } from '@longreach/protocol';
import { expect, it } from 'vitest';
import { autoplayEvent } from './autoplay-event.ts';

it('a picture that plays is told with its track and its size', () => {
  const result = { streamId: 3, mediaType: 'video', message: 'playing' } as const;
  const element = { videoWidth: 1280, videoHeight: 720 } as HTMLVideoElement;
  const event = autoplayEvent('truck', { ...result, code: AutoplayCode.Success }, element);
  expect(event).toEqual({
    type: 'autoplay',
    data: {
      code: 0,
      message: 'playing',
      fieldDeviceId: 'truck',
      srcUserId: 'truck',
      streamId: 3,
      trackId: 'truck:3:video',
      mediaType: 'video',
      videoWidth: 1280,
      videoHeight: 720,
    },
  });
});

it('sound, and a picture that never came, have no size', () => {
  const result = { streamId: 0, mediaType: 'audio', message: 'not allowed' } as const;
  const refused = { ...result, code: AutoplayCode.Failed };
  const { data } = autoplayEvent('truck', refused, undefined);
  expect(data).toMatchObject({ code: -1, mediaType: 'audio', trackId: 'truck:0:audio' });
  const empty = { videoWidth: 0, videoHeight: 0 } as HTMLVideoElement;
  for (const { data } of [
    autoplayEvent('truck', refused, undefined),
    autoplayEvent('truck', { ...refused, mediaType: 'video' }, empty),
  ]) {
    expect(data).not.toHaveProperty('videoWidth');
    expect(data).not.toHaveProperty('videoHeight');
  }
});
