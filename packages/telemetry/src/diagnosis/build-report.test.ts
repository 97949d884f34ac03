import type { DiagnosisReport, WebRTCStats } from '@longreach/protocol';
import { describe, expect, it } from 'vitest';
import { buildReport } from './build-report.ts';
import type { DiagnosisInput, StreamSample } from './input.ts';
import { inputOf, samplesOf } from './testing/runs.ts';

const stats: WebRTCStats = {
  srcUserId: 'machine',
  trackId: 'machine:3:video',
  streamId: 3,
  mediaType: 'video',
  decoderType: 'software',
  bitrate: 2.5,
  rtt: 16.25,
  lost: 0.5,
  fps: 29.5,
  latency: 31,
  lag100: 4,
  lag150: 2,
  framesReceivedDelta: 60,
  framesDecodedDelta: 60,
};

function sample(slot: number, browser: StreamSample['browser'] = { stats }): StreamSample {
  return {
    atMs: 2000 * slot,
    machine: {
      camera: { capturedFps: 30, expectedFps: 30 },
      encoder: { encodedFps: 30, actualBitrateBps: 2_400_000 },
      uplink: { roundTripMs: 15, lossShare: 0.012 },
    },
    server: { stream: { receivedFps: 30 } },
    browser,
  };
}

const input: DiagnosisInput = {
  deviceId: 'machine',
  fieldPid: '4711',
  licenseCheck: 'ok',
  field: { mode: 'server', signaling: 'connected', mqtt: 'connected' },
  remote: { mode: 'server, datagram player', signaling: 'connected', mqtt: 'unused' },
  streams: [
    {
      streamId: 3,
      fieldMedia: 'connected',
      remoteMedia: 'connected',
      samples: [sample(1), sample(2)],
    },
  ],
};

describe('report', () => {
  it('D15 has the names and units of the contract', () => {
    const expected: DiagnosisReport = {
      diag_error: 'ok',
      device_id: 'machine',
      field_pid: '4711',
      license_check: 'ok',
      field_mqtt_connect: 'ok',
      remote_mqtt_connect: 'not used',
      result: [
        {
          stream_id: 3,
          field: {
            field_mode: 'server',
            signal_connect: 'ok',
            media_connect: 'ok',
            video_transfer: 'ok',
            video_capture: 'ok',
            video_encode: 'ok',
            rtt: [15, 15],
            lost: [1.2, 1.2],
            bps: [2400, 2400],
            fps: [30, 30],
          },
          remote: {
            remote_mode: 'server, datagram player',
            signal_connect: 'ok',
            media_connect: 'ok',
            video_transfer: 'ok',
            video_decode: 'ok',
            lag_k100: 4,
            lag_k150: 2,
            rtt: [16.25, 16.25],
            lost: [0.5, 0.5],
            bps: [2500, 2500],
            fps: [29.5, 29.5],
            latency: [31, 31],
            webrtc_stats: [stats, stats],
          },
        },
      ],
    };
    expect(buildReport(input)).toEqual(expected);
  });

  it('D16 says what is wrong where it is wrong, and whose consequence it is', () => {
    const held = { from: 3, changes: { workerHeldMs: 250 } };
    const report = buildReport(inputOf({ seed: 1, samples: 15, faults: [held] }));
    const { field, remote } = report.result[0] ?? {};
    expect(field).toMatchObject({ video_capture: 'ok', video_encode: 'ok' });
    expect(field?.video_transfer).toMatch(/pictures wait .*\(follows from workerHeld\)/);
    expect(remote?.video_transfer).toMatch(
      /^the media worker is held up; .*\(follows from workerHeld\)/,
    );
  });

  it('D16 says so of connections that are not connected, and of what is not known', () => {
    const { result, ...shared } = buildReport({
      deviceId: 'machine',
      error: 'the machine is offline',
      remote: { signaling: 'reconnecting', mqtt: 'error' },
      streams: [{ streamId: 0, samples: [{ atMs: 0, browser: {} }], remoteMedia: 'not_support' }],
    });
    expect(shared).toEqual({
      diag_error: 'the machine is offline',
      device_id: 'machine',
      remote_mqtt_connect: 'MQTT: error',
    });
    expect(result[0]?.field).toBeUndefined();
    expect(result[0]?.remote).toMatchObject({
      remote_mode: 'not known',
      signal_connect: 'signaling: reconnecting',
      media_connect: 'media connection: not_support',
      video_decode: 'not known',
      rtt: [],
      lag_k100: 0,
    });
  });

  it('D16 leaves out of a series what is not known, and counts a lag over the time that was watched', () => {
    const { fps: _fps, lag100: _lag100, lag150: _lag150, ...blind } = stats;
    const [stream] = input.streams;
    const samples = [
      sample(1, { stats: { ...stats, lag150: 10 } }),
      sample(2, { stats: { ...stats, lag150: 40 }, hiddenMs: 1000 }),
      sample(3, { stats: blind, hiddenMs: 2000 }),
      { atMs: 8000 },
    ];
    const report = buildReport({ ...input, streams: stream ? [{ ...stream, samples }] : [] });
    const { remote } = report.result[0] ?? {};
    expect(remote).toMatchObject({ fps: [29.5, 29.5], lag_k150: 20, lag_k100: 4 });
    expect(remote?.webrtc_stats).toHaveLength(3);
  });

  it('D16 a picture that never came stood still all the time', () => {
    const { lag100: _lag100, lag150: _lag150, ...others } = stats;
    const [stream] = input.streams;
    const samples = [1, 2, 3].map((slot) => sample(slot, { stats: { ...others, fps: 0 } }));
    const report = buildReport({ ...input, streams: stream ? [{ ...stream, samples }] : [] });
    expect(report.result[0]?.remote).toMatchObject({ lag_k100: 100, lag_k150: 100 });
  });

  it('D15 streams come in their order, each with its own findings', () => {
    const good = samplesOf({ seed: 1, samples: 10 });
    const bad = samplesOf({ seed: 2, samples: 10, base: { cameraShare: 0 } });
    const report = buildReport({
      deviceId: 'machine',
      streams: [
        { streamId: 2, samples: bad },
        { streamId: 0, samples: good },
      ],
    });
    expect(report.result.map(({ stream_id }) => stream_id)).toEqual([0, 2]);
    expect(report.result.map(({ field }) => field?.video_capture)).toEqual([
      'ok',
      'the camera stands still',
    ]);
  });
});
