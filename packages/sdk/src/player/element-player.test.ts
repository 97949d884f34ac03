import { AutoplayCode } from '@longreach/protocol';
import { expect, it } from 'vitest';
import { settle } from '../testing/manual-page-clock.ts';
import { createElementPlayer } from './element-player.ts';

/** An element whose `play` ends as it is told. */
function setUp(play: () => Promise<void>) {
  const element = { play, srcObject: null } as unknown as HTMLVideoElement;
  const told: Array<[AutoplayCode, string]> = [];
  const player = createElementPlayer(element, {
    onFrame: () => {},
    onAutoplay: (code, message) => told.push([code, message]),
  });
  const show = () => player.show({ kind: 'rtp', stream: {} as MediaStream });
  return { element, told, player, show };
}

function refuse(name: string): Promise<void> {
  return Promise.reject(new DOMException('the page needs a gesture', name));
}

it('a picture that plays is a Success', async () => {
  const { told, show, element } = setUp(() => Promise.resolve());
  show();
  await settle();
  expect(told).toEqual([[AutoplayCode.Success, 'playing']]);
  expect(element).toMatchObject({ muted: true, playsInline: true, autoplay: true });
});

it('a picture that the browser does not play has Failed, and the reason is told', async () => {
  const { told, show } = setUp(() => refuse('NotAllowedError'));
  show();
  await settle();
  expect(told).toEqual([[AutoplayCode.Failed, 'the page needs a gesture']]);
});

it('a stream that another one replaced, or that was closed, has not failed', async () => {
  const replaced = setUp(() => refuse('AbortError'));
  replaced.show();
  const closed = setUp(() => refuse('NotAllowedError'));
  closed.show();
  closed.player.close();
  await settle();
  expect([replaced.told, closed.told]).toEqual([[], []]);
  expect(closed.element.srcObject).toBeNull();
});
