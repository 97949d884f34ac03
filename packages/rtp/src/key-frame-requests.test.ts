import { describe, expect, it } from 'vitest';
import { KeyFrameRequests } from './key-frame-requests.ts';

const ms = 1_000;

describe('key frame requests', () => {
  it('K1 asks at once for the first wish', () => {
    const requests = new KeyFrameRequests();
    expect(requests.takeDue(0)).toBe(false);
    requests.handleWish(5);
    expect(requests.takeDue(5)).toBe(true);
    expect(requests.takeDue(5)).toBe(false);
  });

  it('K2 joins the wishes within an interval into one, also after a key frame', () => {
    const requests = new KeyFrameRequests();
    requests.handleWish(0);
    requests.takeDue(0);
    requests.handleKeyFrame();
    let asked = 0;
    for (let nowMs = 1; nowMs <= 300; nowMs++) {
      requests.handleWish(nowMs * ms);
      if (requests.takeDue(nowMs * ms)) asked += 1;
    }
    expect(asked).toBe(1);
  });

  it('K3 repeats an unanswered request every interval', () => {
    const requests = new KeyFrameRequests({ intervalUs: 100 });
    requests.handleWish(0);
    const times = [];
    for (let nowUs = 0; nowUs < 350; nowUs++) if (requests.takeDue(nowUs)) times.push(nowUs);
    expect(times).toEqual([0, 100, 200, 300]);
  });

  it('K4 rests once a key frame begins', () => {
    const requests = new KeyFrameRequests();
    requests.handleWish(0);
    requests.takeDue(0);
    requests.handleKeyFrame();
    expect(requests.nextDeadlineUs).toBeUndefined();
    expect(requests.takeDue(10_000 * ms)).toBe(false);
  });

  it('K5 rests after 10 unanswered requests until somebody wishes again', () => {
    const requests = new KeyFrameRequests({ intervalUs: 10 });
    requests.handleWish(0);
    let asked = 0;
    for (let nowUs = 0; nowUs < 1_000; nowUs++) if (requests.takeDue(nowUs)) asked += 1;
    expect(asked).toBe(10);
    expect(requests.nextDeadlineUs).toBeUndefined();
    requests.handleWish(2_000);
    expect(requests.takeDue(2_000)).toBe(true);
  });

  it('K6 tells when the next request is due', () => {
    const requests = new KeyFrameRequests({ intervalUs: 100 });
    requests.handleWish(7);
    expect(requests.nextDeadlineUs).toBe(7);
    requests.takeDue(7);
    expect(requests.nextDeadlineUs).toBe(107);
    requests.handleKeyFrame();
    requests.handleWish(20);
    expect(requests.nextDeadlineUs).toBe(107);
  });
});
