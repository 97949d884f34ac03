import { guardModes, RefusalCode } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { type ConnectionView, connectionNotice } from './connection-notice.ts';
import { controlNotice, leaseReasonText } from './control-notice.ts';
import { directionOf, formatFigure, formatSpeed, formatUncertainty } from './figure-format.ts';
import { canRearm, guardNotice } from './guard-notice.ts';
import { latencyRegime } from './latency-regime.ts';
import { pictureNotice } from './picture-notice.ts';
import { refusalText } from './refusal-text.ts';

describe('guard notice', () => {
  it('tells the master how to go on, and never a guest to press R', () => {
    expect(guardNotice('stopped', 'master').hint).toMatch(/press R/i);
    for (const mode of guardModes) expect(guardNotice(mode, 'guest').hint).not.toMatch(/press R/i);
  });

  it('shows no mode as good but armed, and none when nothing is known', () => {
    for (const mode of [...guardModes, undefined]) {
      expect(guardNotice(mode, 'master').tone === 'good').toBe(mode === 'armed');
    }
  });

  it('re-arm is for a master whose machine stands', () => {
    expect(canRearm('stopped', 'master')).toBe(true);
    expect(canRearm('emergency', 'master')).toBe(true);
    expect(canRearm('stopped', 'guest')).toBe(false);
    expect(canRearm('armed', 'master')).toBe(false);
    expect(canRearm(undefined, 'master')).toBe(false);
  });
});

describe('control notice', () => {
  const view = { operatorId: 'op-1', masterId: null, isMaster: false, pending: false };
  it('says who is in control', () => {
    expect(controlNotice(view).word).toBe('NOBODY IS IN CONTROL');
    expect(controlNotice({ ...view, masterId: 'op-1', isMaster: true }).word).toBe(
      'YOU ARE IN CONTROL',
    );
    expect(controlNotice({ ...view, masterId: 'op-2' }).word).toBe('op-2 IS IN CONTROL');
    expect(controlNotice({ ...view, masterId: 'op-1' }).word).toContain('ANOTHER WINDOW');
    expect(controlNotice({ ...view, pending: true }).word).toBe('ASKING FOR CONTROL');
  });
  it('words known reasons and passes unknown ones', () => {
    expect(leaseReasonText('revoked')).toBe('Control was revoked');
    expect(leaseReasonText('maintenance')).toBe('maintenance');
  });
});

describe('refusals', () => {
  it('every code has words of its own', () => {
    const texts = Object.values(RefusalCode).map((code) => refusalText(code, 'machine'));
    expect(new Set(texts).size).toBe(texts.length);
    expect(refusalText(RefusalCode.None, 'worker')).toBe('');
    expect(refusalText(RefusalCode.NotMaster, 'worker')).toContain('Server');
  });
});

describe('latency regime', () => {
  it.each([
    [0, 'precise'],
    [99.9, 'precise'],
    [100, 'drive'],
    [150, 'drive'],
    [150.1, 'danger'],
    [225, 'danger'],
    [226, 'stop'],
  ] as const)('%d ms is %s', (latencyMs, word) => {
    expect(latencyRegime(latencyMs)?.word).toBe(word);
  });
  it('is unknown without a figure', () => {
    expect(latencyRegime(undefined)).toBeUndefined();
    expect(latencyRegime(Number.NaN)).toBeUndefined();
  });
});

describe('picture notice', () => {
  it('is silent for a fresh picture, however long ago that was said', () => {
    expect(pictureNotice({ state: 'fresh', ageMs: 20, atMs: 0 }, 9e6).title).toBe('');
  });
  it('an old picture ages and becomes stale by itself', () => {
    const report = { state: 'old', ageMs: 310, atMs: 1000 } as const;
    expect(pictureNotice(report, 1035)).toEqual({
      state: 'old',
      title: 'OLD PICTURE 340 ms',
      detail: '',
    });
    expect(pictureNotice(report, 1200)).toMatchObject({
      state: 'stale',
      detail: 'NO COMMANDS LEAVE',
    });
    expect(pictureNotice(report, 3000).title).toBe('OLD PICTURE 2.3 s');
  });
  it('says that there is none', () => {
    expect(pictureNotice(undefined, 0).title).toBe('NO PICTURE');
  });
});

describe('connection notice', () => {
  const well: ConnectionView = {
    signaling: 'connected',
    peer: 'connected',
    presence: 'online',
    ended: undefined,
  };
  it('is silent when all is well', () => {
    expect(connectionNotice(well)).toBeUndefined();
  });
  it('names what is wrong, nearest to the operator first', () => {
    expect(
      connectionNotice({ ...well, signaling: 'reconnecting', presence: 'offline' })?.title,
    ).toBe('SERVER NOT REACHED');
    expect(connectionNotice({ ...well, presence: 'offline', peer: 'failed' })?.title).toBe(
      'MACHINE OFFLINE',
    );
    expect(connectionNotice({ ...well, peer: 'failed' })?.detail).toContain('Reconnecting');
    expect(connectionNotice({ ...well, presence: 'suspect' })?.title).toBe('MACHINE SILENT');
    expect(connectionNotice({ ...well, ended: 'worker lost' })?.detail).toContain('worker lost');
  });
});

describe('figures', () => {
  it('keep their digits and have no negative zero', () => {
    expect(formatFigure(3.26, 1)).toBe('3.3');
    expect(formatFigure(-0.01, 1)).toBe('0.0');
    expect(formatFigure(undefined)).toBe('–');
    expect(formatFigure(Number.NaN)).toBe('–');
  });
  it('speed is in km/h with its direction apart', () => {
    expect(formatSpeed(-10)).toBe('36.0');
    expect(directionOf(-10)).toBe('reverse');
    expect(directionOf(0.01)).toBe('standing');
    expect(directionOf(undefined)).toBe('');
  });
  it('uncertainty is rounded up', () => {
    expect(formatUncertainty(1.1)).toBe('±2');
    expect(formatUncertainty(Number.POSITIVE_INFINITY)).toBe('');
  });
});
