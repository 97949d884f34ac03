import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import type { StreamSample } from './input.ts';
import { altered } from './testing/alter-samples.ts';
import { samplesOf } from './testing/runs.ts';
import type { Cause } from './vocabulary.ts';

/**
 * What the product's own congestion control said every 2 s of a simulated leg, for a minute: a source of 2.5 Mbit/s
 * over networks like those of the emulator.
 */
type Leg = {
  estimateBps: number;
  queueDelayMs: number;
  lossShare: number;
  roundTripMs: number;
  outageShare: number;
};
const legs = JSON.parse(
  readFileSync(`${import.meta.dirname}/testing/recorded-legs.json`, 'utf8'),
) as Record<string, Leg[]>;

/** Parity and repeats for each byte of media at this loss. */
const repairShares: Record<string, number> = { loss3: 0.1, loss10: 0.37, loss30: 1.2, far: 0.5 };
const configuredBps = 2_500_000;

type Wanted = { name: string; up: Cause[]; down: Cause[] };
const wanted: readonly Wanted[] = [
  { name: 'clean', up: [], down: [] },
  { name: 'loss3', up: [], down: [] },
  { name: 'burst', up: [], down: [] },
  { name: 'far', up: [], down: [] },
  { name: 'jitter20', up: [], down: [] },
  { name: 'jitter50', up: [], down: [] },
  { name: 'loss10', up: ['uplinkLoss'], down: ['downlinkLoss'] },
  { name: 'loss30', up: ['uplinkLoss'], down: ['downlinkLoss'] },
  { name: 'rate1m', up: ['uplinkRate'], down: ['downlinkRate'] },
  { name: 'step', up: ['uplinkRate'], down: ['downlinkRate'] },
  { name: 'outage', up: ['uplinkOutage'], down: [] },
];

/** A calm drive whose uplink, or whose leg to the browser, is a recorded one. */
function over(name: string, side: 'up' | 'down', first: number, samples: number): StreamSample[] {
  const recorded = (legs[name] ?? []).slice(first, first + samples);
  const repairShare = repairShares[name] ?? 0.02;
  return samplesOf({ seed: 5, samples }).map((sample, slot) => {
    const leg = recorded[slot];
    if (!leg) throw new Error(`${name} has no sample ${first + slot}`);
    const mediaBps = leg.estimateBps / (1 + repairShare);
    const targetBps = Math.min(configuredBps, mediaBps / 1.12);
    const figures = {
      ...(side === 'up' ? uplinkOf(leg, repairShare) : downlinkOf(leg, mediaBps)),
      'machine.encoder.targetBitrateBps': targetBps,
      'machine.encoder.actualBitrateBps': 0.97 * targetBps,
    };
    return altered([sample], figures)[0] as StreamSample;
  });
}

function uplinkOf(leg: Leg, repairShare: number) {
  return {
    'machine.uplink.estimateBps': leg.estimateBps,
    'machine.uplink.queueDelayMs': leg.queueDelayMs,
    'machine.uplink.lossShare': leg.lossShare,
    'machine.uplink.roundTripMs': leg.roundTripMs,
    'machine.uplink.outageShare': leg.outageShare,
    'machine.uplink.repairShare': repairShare,
  };
}

function downlinkOf(leg: Leg, mediaBps: number) {
  return {
    'machine.uplink.viewerLimitBps': mediaBps,
    'server.viewer.estimateBps': leg.estimateBps,
    'server.viewer.queueDelayMs': leg.queueDelayMs,
    'server.viewer.lossShare': leg.lossShare,
    'browser.stats.rtt': leg.roundTripMs,
    'browser.stats.lost': 100 * leg.lossShare,
  };
}

describe.each(wanted)('a leg like $name', ({ name, up, down }) => {
  it('D1 D2 is blamed or not, over a minute', () => {
    const causesOf = (side: 'up' | 'down') =>
      diagnose({ streams: [{ streamId: 0, samples: over(name, side, 0, 30) }] }).findings.map(
        ({ cause }) => cause,
      );
    expect(causesOf('up')).toEqual(up);
    expect(causesOf('down')).toEqual(down);
  });

  it('D1 D2 nobody else is blamed, in any 12 s of it', () => {
    for (let first = 0; first + 6 <= 30; first += 1) {
      for (const side of ['up', 'down'] as const) {
        const samples = over(name, side, first, 6);
        const { findings } = diagnose({ streams: [{ streamId: 0, samples }] });
        const others = findings.filter(({ cause }) => !{ up, down }[side].includes(cause));
        expect(others, `${side} from sample ${first}`).toEqual([]);
      }
    }
  });
});
