import { describe, expect, it } from 'vitest';
import { compactDelay, compactNtp, ntpFromUs } from './ntp-time.ts';
import { ReceiveStats } from './receive-stats.ts';

const stats = () => new ReceiveStats({ ssrc: 9, clockRate: 90_000 });

describe('receive stats', () => {
  it('counts losses, their share of the interval, and the extended highest sequence over the wrap', () => {
    const received = stats();
    expect(received.takeReport(0)).toBeUndefined();
    for (const sequence of [65_534, 65_535, 1, 2]) received.handlePacket(sequence, 0, 0);
    const first = received.takeReport(0);
    expect(first?.cumulativeLost).toBe(1);
    expect(first?.fractionLost).toBe(Math.floor(256 / 5));
    expect(first?.highestSequence).toBe(65_536 + 2);
    received.handlePacket(3, 0, 0);
    expect(received.takeReport(0)?.fractionLost).toBe(0);
    received.handlePacket(0, 0, 0);
    expect(received.takeReport(0)?.cumulativeLost).toBe(0);
  });

  it('shows repeats as a negative loss', () => {
    const received = stats();
    for (const sequence of [1, 2, 2, 2]) received.handlePacket(sequence, 0, 0);
    expect(received.takeReport(0)).toMatchObject({ cumulativeLost: -2, fractionLost: 0 });
  });

  it('measures no jitter at an even pace, and its 1/16 mean when arrivals vary (A.8)', () => {
    const even = stats();
    for (let picture = 0; picture < 50; picture++) {
      // The second packet of each picture comes 4 ms later: pacing, not jitter.
      even.handlePacket(2 * picture, (0xffffff00 + picture * 3_000) >>> 0, picture * 33_333.3333);
      even.handlePacket(
        2 * picture + 1,
        (0xffffff00 + picture * 3_000) >>> 0,
        picture * 33_333.3333 + 4_000,
      );
    }
    expect(even.jitter).toBeLessThanOrEqual(1);
    const uneven = stats();
    uneven.handlePacket(1, 0, 0);
    uneven.handlePacket(2, 3_000, 33_333 + 16_000);
    expect(uneven.jitter).toBe(90);
  });

  it('echoes the last sender report', () => {
    const received = stats();
    received.handlePacket(1, 0, 0);
    expect(received.takeReport(0)).toMatchObject({ lastSr: 0, delaySinceLastSr: 0 });
    const ntp = ntpFromUs(77_000_000);
    received.handleSenderReport(ntp, 1_000);
    const report = received.takeReport(501_000);
    expect(report?.lastSr).toBe(compactNtp(ntp));
    expect(report?.delaySinceLastSr).toBe(compactDelay(500_000));
  });

  it('ignores one stray sequence and begins anew with two consecutive ones (A.1)', () => {
    const received = stats();
    for (const sequence of [100, 101, 30_000, 102]) received.handlePacket(sequence, 0, 0);
    expect(received.takeReport(0)).toMatchObject({ highestSequence: 102, cumulativeLost: 0 });
    received.handlePacket(40_000, 0, 0);
    received.handlePacket(40_001, 0, 0);
    expect(received.takeReport(0)).toMatchObject({ highestSequence: 40_001, cumulativeLost: 0 });
  });
});
