import type {
  ConnectionState,
  DiagnosisFieldReport,
  DiagnosisRemoteReport,
  DiagnosisReport,
  MqttConnectionState,
  SignalingState,
} from '@longreach/protocol';
import { diagnose } from './diagnose.ts';
import { type Figure, figures, secondsOf } from './figures.ts';
import type { DiagnosisInput, SideInput, StreamSample } from './input.ts';
import { type StreamView, viewOf } from './view.ts';
import type { Finding, Stage, Verdict } from './vocabulary.ts';

const ok = 'ok';
const unknown = 'not known';
/** Where there is no MQTT link, and none is wanted. */
const unused = 'not used';

/**
 * The contract's report of the same input; units are the contract's. A sample in which a figure is not known is left
 * out of that figure's series. Pure.
 */
export function buildReport(
  input: DiagnosisInput,
  verdict: Verdict = diagnose(input),
): DiagnosisReport {
  const { deviceId, error, fieldPid, licenseCheck, field, remote } = input;
  const views = input.streams.map((stream) => viewOf(stream));
  return {
    diag_error: error ?? ok,
    device_id: deviceId,
    ...(fieldPid === undefined ? {} : { field_pid: fieldPid }),
    ...(licenseCheck === undefined ? {} : { license_check: licenseCheck }),
    ...(field?.mqtt === undefined ? {} : { field_mqtt_connect: mqttText(field.mqtt) }),
    remote_mqtt_connect: mqttText(remote?.mqtt),
    result: views
      .sort((one, other) => one.streamId - other.streamId)
      .map((view) => resultOf(view, input, verdict)),
  };
}

function resultOf(
  view: StreamView,
  { field, remote }: DiagnosisInput,
  verdict: Verdict,
): DiagnosisReport['result'][number] {
  const hasField = view.fieldMedia !== undefined || view.samples.some(({ machine }) => machine);
  const hasRemote = view.remoteMedia !== undefined || view.samples.some(({ browser }) => browser);
  return {
    stream_id: view.streamId,
    ...(hasField ? { field: fieldReport(view, field, verdict) } : {}),
    ...(hasRemote ? { remote: remoteReport(view, remote, verdict) } : {}),
  };
}

function fieldReport(
  view: StreamView,
  side: SideInput | undefined,
  verdict: Verdict,
): DiagnosisFieldReport {
  return {
    field_mode: side?.mode ?? unknown,
    signal_connect: signalingText(side?.signaling),
    media_connect: mediaText(view.fieldMedia),
    video_transfer: stageText(view, verdict, ['uplink'], isKnown(view, figures.serverFps)),
    video_capture: stageText(view, verdict, ['camera'], isKnown(view, figures.capturedFps)),
    video_encode: stageText(view, verdict, ['encoder'], isKnown(view, figures.encodedFps)),
    rtt: seriesOf(view, figures.uplinkRoundTripMs),
    lost: seriesOf(view, figures.uplinkLoss),
    bps: seriesOf(view, figures.actualKbps),
    fps: seriesOf(view, figures.encodedFps),
  };
}

function remoteReport(
  view: StreamView,
  side: SideInput | undefined,
  verdict: Verdict,
): DiagnosisRemoteReport {
  const { samples } = view;
  const decoding: readonly Stage[] = ['jitterBuffer', 'decoder', 'rendering'];
  return {
    remote_mode: side?.mode ?? unknown,
    signal_connect: signalingText(side?.signaling),
    media_connect: mediaText(view.remoteMedia),
    video_transfer: stageText(
      view,
      verdict,
      ['server', 'downlink'],
      isKnown(view, figures.arrivedFps),
    ),
    video_decode: stageText(view, verdict, decoding, isKnown(view, figures.decodedFps)),
    lag_k100: lagOf(samples, (sample) => sample.browser?.stats?.lag100),
    lag_k150: lagOf(samples, figures.lag150.of),
    rtt: seriesOf(view, browserFigures.rtt),
    lost: seriesOf(view, browserFigures.lost),
    bps: seriesOf(view, browserFigures.kbps),
    fps: seriesOf(view, figures.presentedFps),
    latency: seriesOf(view, browserFigures.latency),
    webrtc_stats: samples.flatMap(({ browser }) => browser?.stats ?? []),
  };
}

/** What the browser itself says, in the contract's units. */
const browserFigures = {
  rtt: (sample) => sample.browser?.stats?.rtt,
  lost: (sample) => sample.browser?.stats?.lost,
  kbps: (sample) => {
    const mbps = sample.browser?.stats?.bitrate;
    return mbps === undefined ? undefined : mbps * 1000;
  },
  latency: (sample) => sample.browser?.stats?.latency,
} as const satisfies Record<string, Figure['of']>;

function seriesOf({ samples }: StreamView, figure: Figure | Figure['of']): number[] {
  const of = typeof figure === 'function' ? figure : figure.of;
  return samples.flatMap((sample) => {
    const value = of(sample);
    return value === undefined ? [] : [Math.round(value * 100) / 100];
  });
}

function isKnown({ samples }: StreamView, figure: Figure): boolean {
  return samples.some((sample) => figure.of(sample) !== undefined);
}

/** `ok`, or what was found at these stages of the stream; a consequence says whose. */
function stageText(
  { streamId }: StreamView,
  { findings, consequences }: Verdict,
  at: readonly Stage[],
  isStageKnown: boolean,
): string {
  const concerns = ({ stage, streamIds }: Finding) =>
    at.includes(stage) && streamIds.includes(streamId);
  const texts = [
    ...findings.filter(concerns).map(({ summary }) => summary),
    ...consequences
      .filter(concerns)
      .map(({ summary, explainedBy }) => `${summary} (follows from ${explainedBy})`),
  ];
  if (texts.length > 0) return texts.join('; ');
  return isStageKnown ? ok : unknown;
}

/** Over the time that was watched, %. Nothing presented in all of it is a picture that stood still. */
function lagOf(samples: readonly StreamSample[], of: Figure['of']): number {
  let frozenS = 0;
  let watchedS = 0;
  for (const sample of samples) {
    const percent = of(sample) ?? (figures.presentedFps.of(sample) === 0 ? 100 : undefined);
    const visibleS = secondsOf(sample) * (1 - Math.min(1, (figures.hidden.of(sample) ?? 0) / 100));
    if (percent === undefined) continue;
    frozenS += (percent / 100) * visibleS;
    watchedS += visibleS;
  }
  return watchedS > 0 ? Math.round((frozenS / watchedS) * 10_000) / 100 : 0;
}

function signalingText(state: SignalingState | undefined): string {
  if (state === undefined) return unknown;
  return state === 'connected' ? ok : `signaling: ${state}`;
}

function mediaText(state: ConnectionState | undefined): string {
  if (state === undefined) return unknown;
  return state === 'connected' ? ok : `media connection: ${state}`;
}

function mqttText(state: MqttConnectionState | 'unused' | undefined): string {
  if (state === undefined) return unknown;
  if (state === 'unused') return unused;
  return state === 'connected' ? ok : `MQTT: ${state}`;
}
