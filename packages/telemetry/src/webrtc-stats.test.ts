import { describe, expect, it } from 'vitest';
import type { StatsEntry, StatsSnapshot } from './stats-snapshot.ts';
import { WebRTCStatsCollector } from './webrtc-stats.ts';

const front = {
  srcUserId: 'truck',
  trackId: 'truck:0:video',
  streamId: 0,
  mediaType: 'video' as const,
};
const rear = { ...front, trackId: 'truck:3:video', streamId: 3 };
const sound = { ...front, trackId: 'truck:0:audio', mediaType: 'audio' as const };

function inbound(mid: string, members: Record<string, unknown>): StatsEntry {
  return { id: `in-${mid}`, type: 'inbound-rtp', mid, codecId: 'codec', ...members };
}

const link: StatsEntry[] = [
  { id: 'codec', type: 'codec', mimeType: 'video/H264' },
  { id: 'transport', type: 'transport', selectedCandidatePairId: 'pair' },
  {
    id: 'other',
    type: 'candidate-pair',
    nominated: true,
    state: 'succeeded',
    currentRoundTripTime: 9,
  },
  {
    id: 'pair',
    type: 'candidate-pair',
    currentRoundTripTime: 0.03,
    totalRoundTripTime: 1.2,
    responsesReceived: 30,
  },
];

function snapshot(takenMs: number, ...entries: StatsEntry[]): StatsSnapshot {
  return { takenMs, entries: [...link, ...entries] };
}

function at(frames: number): Record<string, unknown> {
  return {
    bytesReceived: frames * 5000,
    headerBytesReceived: frames * 1250,
    packetsReceived: frames * 9,
    packetsLost: frames,
    nackCount: 2 * frames,
    firCount: 0,
    pliCount: 1,
    framesReceived: frames,
    framesDecoded: frames,
    keyFramesDecoded: 1,
    totalDecodeTime: frames * 0.002,
    totalProcessingDelay: frames * 0.004,
    jitterBufferDelay: frames * 0.001,
    jitterBufferTargetDelay: frames * 0.003,
    jitterBufferEmittedCount: frames,
    jitter: 0.0015,
    frameWidth: 1280,
    frameHeight: 720,
    decoderImplementation: 'FFmpeg',
  };
}

describe('WebRTCStatsCollector', () => {
  it('W1 gives each figure by its formula', () => {
    const collector = new WebRTCStatsCollector();
    collector.assignSlot('c', '0', front, snapshot(0));
    collector.collect('c', snapshot(1000, inbound('0', at(30))), () => ({}));
    const last = { ...at(90), totalDecodeTime: 0.3 };
    const [stats] = collector.collect('c', snapshot(3000, inbound('0', last)), () => ({
      framesPresented: 59,
      latency: 12,
      lag150: 0,
    }));
    expect(stats).toMatchObject({
      ...front,
      packetsReceived: 810,
      packetsLost: 90,
      lost: 10,
      lostAvg: 10,
      rtt: 30,
      rttAvg: 40,
      codec: 'video/H264',
      decoderType: 'software',
      nack: 180,
      nackDelta: 120,
      resolution: '1280x720',
      fps: 29.5,
      jitter: 0.0015,
      latency: 12,
      lag150: 0,
      framesDecodedDelta: 60,
    });
    expect(stats?.bitrate).toBeCloseTo((60 * 6250 * 8) / 2 / 1e6);
    expect(stats?.decodeTime).toBeCloseTo(4);
    expect(stats?.decodeTimeAvg).toBeCloseTo(300 / 90);
    expect(stats?.processingDelay).toBeCloseTo(4);
    expect(stats?.jitterBuffer).toBeCloseTo(1);
    expect(stats?.jitterBufferTargetAvg).toBeCloseTo(3);
  });

  it('W2 leaves out what cannot be computed', () => {
    const collector = new WebRTCStatsCollector();
    collector.assignSlot('c', '0', front, { takenMs: 0, entries: [] });
    const [stats] = collector.collect('c', { takenMs: 1000, entries: [] }, () => ({}));
    expect(stats).toEqual({ ...front, decoderType: 'unknown' });
  });

  it('W3 counts the first period from the start of the track', () => {
    const collector = new WebRTCStatsCollector();
    collector.assignSlot('c', '0', front, snapshot(500));
    const [stats] = collector.collect('c', snapshot(1500, inbound('0', at(30))), () => ({
      framesPresented: 30,
    }));
    expect(stats?.fps).toBe(30);
    expect(stats?.framesDecodedDelta).toBe(30);
  });

  it('W3 gives what every counter grew by in the period', () => {
    const collector = new WebRTCStatsCollector();
    const counters = (times: number) => ({
      ...{ packetsReceived: 100 * times, packetsLost: 3 * times, nackCount: 5 * times },
      ...{ firCount: 2 * times, pliCount: 4 * times, framesReceived: 31 * times },
      framesDecoded: 30 * times,
    });
    collector.assignSlot('c', '0', front, snapshot(0));
    collector.collect('c', snapshot(1000, inbound('0', counters(1))), () => ({}));
    const [stats] = collector.collect('c', snapshot(2000, inbound('0', counters(4))), () => ({}));
    expect(stats).toMatchObject({
      ...{ packetsReceived: 400, packetsReceivedDelta: 300, packetsLost: 12, packetsLostDelta: 9 },
      ...{
        nack: 20,
        nackDelta: 15,
        firCount: 8,
        firCountDelta: 6,
        pliCount: 16,
        pliCountDelta: 12,
      },
      ...{ framesReceived: 124, framesReceivedDelta: 93, framesDecoded: 120 },
      framesDecodedDelta: 90,
    });
  });

  it('W4 splits the counts of a slot at the switch', () => {
    const collector = new WebRTCStatsCollector();
    collector.assignSlot('c', '0', front, snapshot(0));
    collector.assignSlot('c', '0', rear, snapshot(1000, inbound('0', at(30))));
    const [stats] = collector.collect('c', snapshot(2000, inbound('0', at(50))), () => ({}));
    expect(stats).toMatchObject({
      ...rear,
      framesDecoded: 20,
      framesDecodedDelta: 20,
      lostAvg: 10,
    });
    collector.assignSlot('c', '0', front, snapshot(2000, inbound('0', at(50))));
    const [again] = collector.collect('c', snapshot(3000, inbound('0', at(60))), () => ({}));
    expect(again).toMatchObject({ ...front, framesDecoded: 40 });
  });

  it('W5 goes on over a new connection whose counts start at zero', () => {
    const collector = new WebRTCStatsCollector();
    collector.assignSlot('c1', '0', front, snapshot(0));
    collector.collect('c1', snapshot(1000, inbound('0', at(30))), () => ({}));
    collector.dropConnection('c1');
    collector.assignSlot('c2', '1', front, snapshot(5000));
    const [stats] = collector.collect('c2', snapshot(6000, inbound('1', at(10))), () => ({
      framesPresented: 10,
    }));
    expect(stats).toMatchObject({ framesDecoded: 40, framesDecodedDelta: 10, fps: 10 });
  });

  it('W6 never gives a negative loss', () => {
    const collector = new WebRTCStatsCollector();
    collector.assignSlot('c', '0', front, snapshot(0));
    const entry = inbound('0', { packetsReceived: 100, packetsLost: -3 });
    const [stats] = collector.collect('c', snapshot(1000, entry), () => ({}));
    expect(stats?.lost).toBe(0);
  });

  it('W7 takes the round trip of the selected pair, or of the nominated one', () => {
    const collector = new WebRTCStatsCollector();
    collector.assignSlot('c', '0', front, snapshot(0));
    const entries = link.filter((entry) => entry.type !== 'transport');
    const [stats] = collector.collect('c', { takenMs: 1000, entries }, () => ({}));
    expect(stats?.rtt).toBe(9000);
  });

  it('W2, W7: a selected pair that has answered no check has no round trip, not one of zero', () => {
    const silent = { id: 'pair', type: 'candidate-pair', selected: true, responsesReceived: 0 };
    const pair = { ...silent, currentRoundTripTime: 0, totalRoundTripTime: 0 };
    const collector = new WebRTCStatsCollector();
    collector.assignSlot('c', '0', front, { takenMs: 0, entries: [] });
    const [stats] = collector.collect('c', { takenMs: 1000, entries: [pair] }, () => ({}));
    expect(stats).not.toHaveProperty('rtt');
    expect(stats).not.toHaveProperty('rttAvg');
  });

  it('W8 keeps video and audio members apart', () => {
    const collector = new WebRTCStatsCollector();
    collector.assignSlot('c', '1', sound, snapshot(0));
    const entry = inbound('1', { ...at(30), audioLevel: 0.5 });
    const [stats] = collector.collect('c', snapshot(1000, entry), () => ({ lag100: 3 }));
    expect(stats).toMatchObject({ audioLevel: 0.5, packetsReceived: 270 });
    for (const member of ['fps', 'lag100', 'pliCount', 'framesDecoded', 'decodeTime']) {
      expect(stats).not.toHaveProperty(member);
    }
  });

  it('W9 forgets the oldest of more than 64 tracks', () => {
    const collector = new WebRTCStatsCollector();
    for (let i = 0; i <= 64; i++) {
      const identity = { ...front, trackId: `t${i}`, streamId: i };
      collector.assignSlot('c', `m${i}`, identity, snapshot(0));
    }
    const stats = collector.collect('c', snapshot(1000), () => ({}));
    expect(stats).toHaveLength(64);
    expect(stats.some((one) => one.trackId === 't0')).toBe(false);
  });
});
