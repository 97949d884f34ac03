import { describe, expect, it } from 'vitest';
import { LinkModel } from './link-model.ts';
import type { LinkSettings } from './link-settings.ts';
import { isProfileName, type ProfileName, profileNames, profileOf } from './profiles.ts';

/** What `kbps` of packets sent for `seconds` became: drops by cause, greatest delay. */
function drive(settings: LinkSettings, kbps: number, seconds: number) {
  const model = new LinkModel(settings, 0);
  const gapUs = (1000 * 8 * 1000) / kbps;
  const seen = {
    sent: 0,
    loss: 0,
    queue: 0,
    outage: 0,
    delivered: 0,
    leastMs: Infinity,
    mostMs: 0,
  };
  for (let nowUs = 0; nowUs < seconds * 1_000_000; nowUs += gapUs) {
    const fate = model.handlePacket(972, nowUs);
    seen.sent += 1;
    seen[fate.kind === 'dropped' ? fate.cause : 'delivered'] += 1;
    const delayMs = fate.kind === 'delivered' ? ((fate.dueUs[0] ?? 0) - nowUs) / 1000 : undefined;
    seen.leastMs = Math.min(seen.leastMs, delayMs ?? Infinity);
    seen.mostMs = Math.max(seen.mostMs, delayMs ?? 0);
  }
  return seen;
}

describe('profiles', () => {
  it.each(profileNames)('%s carries packets both ways, and its seed decides which', (name) => {
    const leg = profileOf(name, { seed: 7 });
    expect(profileOf(name, { seed: 7 })).toEqual(leg);
    expect(leg.toTarget.seed).not.toBe(leg.toFlow.seed);
    expect(profileOf(name, { seed: 8 }).toTarget.seed).not.toBe(leg.toTarget.seed);
    for (const settings of [leg.toTarget, leg.toFlow]) {
      expect(drive(settings, 500, 5).delivered).toBeGreaterThan(100);
    }
  });

  it('share the round trip out over two legs and both ways', () => {
    for (const settings of Object.values(profileOf('clean'))) {
      expect(drive(settings, 500, 1)).toMatchObject({ leastMs: 7.5, mostMs: 7.5 });
    }
    expect(drive(profileOf('far').toFlow, 500, 1).leastMs).toBe(60);
    expect(drive(profileOf('clean', { roundTripMs: 100 }).toTarget, 500, 1).leastMs).toBe(25);
  });

  it.each([
    ['loss10', 0.1],
    ['loss30', 0.3],
    ['loss50', 0.5],
    ['burst', 0.05],
    ['far', 0.05],
  ] as Array<[ProfileName, number]>)('%s loses its share in both directions', (name, share) => {
    for (const settings of Object.values(profileOf(name))) {
      const { loss, sent } = drive(settings, 4000, 60);
      expect(Math.abs(loss / sent - share)).toBeLessThan(0.01);
    }
  });

  it('rate1m holds back the media direction only, with 200 ms of queue', () => {
    for (const media of ['toTarget', 'toFlow'] as const) {
      const leg = profileOf('rate1m', { media });
      const { delivered, queue, mostMs } = drive(leg[media], 2000, 10);
      expect(delivered * 8).toBeLessThan(10_300);
      expect(delivered * 8).toBeGreaterThan(9900);
      expect(queue).toBeGreaterThan(0);
      expect(mostMs).toBeLessThanOrEqual(207.5);
      const back = media === 'toTarget' ? 'toFlow' : 'toTarget';
      expect(drive(leg[back], 2000, 10)).toMatchObject({ queue: 0, mostMs: 7.5 });
    }
  });

  it('step gives 4, then 0.8 Mbit/s', () => {
    const { toTarget } = profileOf('step');
    expect(drive(toTarget, 3900, 14.9).queue).toBe(0);
    const { delivered, mostMs } = drive(toTarget, 3900, 30);
    expect(Math.abs(delivered * 8 - 3900 * 15 - 800 * 15)).toBeLessThan(1500);
    expect(mostMs).toBeLessThanOrEqual(258);
  });

  it('jitter adds 0 to 50 ms and outage takes 400 ms of ten seconds', () => {
    const jitter = drive(profileOf('jitter').toFlow, 1000, 30);
    expect(jitter.leastMs).toBeLessThan(10);
    expect(jitter.mostMs).toBeGreaterThan(55);
    expect(jitter.mostMs).toBeLessThanOrEqual(57.5);
    const { outage, sent } = drive(profileOf('outage').toTarget, 1000, 30);
    expect(Math.abs(outage / sent - 0.04)).toBeLessThan(0.001);
  });

  it('traces carry a camera of their minute with a bounded delay', () => {
    expect(drive(profileOf('trace-4g').toTarget, 1000, 60).mostMs).toBeGreaterThan(60);
    expect(drive(profileOf('trace-4g').toTarget, 1000, 60).mostMs).toBeLessThan(350);
    expect(drive(profileOf('trace-5g').toTarget, 2500, 60).queue).toBe(0);
  });

  it('are known by name', () => {
    expect(isProfileName('loss10')).toBe(true);
    expect(isProfileName('toString')).toBe(false);
  });
});
