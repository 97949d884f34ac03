import { expect, it } from 'vitest';
import { readNotice } from './server-notice.ts';

const stats = { sequence: 3, streams: [], anythingNewer: { isKept: true } };
const notice = (body: unknown) => ({ v: 1 as const, event: 'gatewayStats', body });

it("GS1 a machine's report on itself becomes a `gatewayStats` event with the report as it came", () => {
  expect(readNotice(notice({ deviceId: 'truck-1', stats }))).toEqual({
    kind: 'event',
    deviceId: 'truck-1',
    event: { type: 'gatewayStats', data: { fieldDeviceId: 'truck-1', stats } },
  });
});

it.each([
  [undefined],
  [{ stats }],
  [{ deviceId: 5, stats }],
  [{ deviceId: 'truck-1' }],
  [{ deviceId: 'truck-1', stats: 'much' }],
])('GS2 a report that is none (%j) becomes nothing', (body) => {
  expect(readNotice(notice(body))).toBeUndefined();
});
