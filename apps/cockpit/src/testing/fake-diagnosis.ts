import type { Diagnosis } from '@longreach/sdk';

type Sample = Diagnosis['streams'][number]['samples'][number];

/** Loss on the uplink from the middle on. */
function sampleAt(index: number): Sample {
  const isLossy = index >= 4;
  const fps = isLossy ? 11 : 30;
  return {
    ...{ atMs: index * 2000, periodMs: 2000 },
    machine: {
      camera: { capturedFps: 30 },
      encoder: { encodedFps: 30, targetBitrateBps: 2_400_000, actualBitrateBps: 2_300_000 },
      uplink: { estimateBps: 6_000_000, lossShare: isLossy ? 0.62 : 0.01, queueDelayMs: 4 },
    },
    server: { stream: { receivedFps: fps }, viewer: { estimateBps: 8_000_000, lossShare: 0 } },
    browser: {
      stats: {
        ...{ srcUserId: 'rover-1', trackId: 't', streamId: 0, mediaType: 'video' },
        ...{ decoderType: 'software', fps, framesDecodedDelta: 2 * fps, bitrate: 2.2 },
        ...{ latency: isLossy ? 180 : 60, lag150: isLossy ? 55 : 0, jitterBuffer: 12 },
      },
    },
  };
}

/** A diagnosis as the SDK gives it. */
export const fakeDiagnosis: Diagnosis = {
  ...{ diag_error: 'ok', device_id: 'rover-1', remote_mqtt_connect: 'not used', result: [] },
  verdict: {
    stage: 'uplink',
    findings: [
      {
        ...{ stage: 'uplink', cause: 'uplinkLoss', severity: 0.9, streamIds: [0] },
        summary: "more gets lost on the machine's network than repair can bring back",
        advice: "Look at the machine's antenna and cell, or give it another network.",
        evidence: [{ figure: 'machine.uplink.lossShare', value: 62, unit: '%', limit: 40 }],
      },
    ],
    consequences: [
      {
        ...{ stage: 'decoder', cause: 'decoderSilent', severity: 0.5, streamIds: [0] },
        ...{ summary: 'the decoder gets too few pictures', advice: '', evidence: [] },
        explainedBy: 'uplinkLoss',
      },
    ],
    remarks: [],
    confidence: 0.93,
  },
  streams: [{ streamId: 0, samples: Array.from({ length: 8 }, (_, index) => sampleAt(index)) }],
};
