import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StreamInfo } from '@longreach/protocol';
import type { AgentConfig } from '../config/parse-config.ts';
import type { StreamConfig } from '../config/stream-config.ts';
import type { StreamEncoding } from '../publish/encoding-rate.ts';
import type { ProcessPlan } from './supervised-process.ts';

/** The machine's processes. The vehicle exists only when a stream shows the simulator. */
export const processNames = ['guard', 'vehicle', 'media', 'transport'] as const;
export type ProcessName = (typeof processNames)[number];

/** What the plan is made of. */
export type PlanInput = {
  config: AgentConfig;
  /** The device's key. */
  secret: string;
  runtimeDir: string;
  /** File that keeps the lease epoch over restarts. */
  stateFile: string;
  /** Local address of the media port; undefined = by the server's address. */
  bindAddress: string | undefined;
  /** Token with which a restarted transport goes on with the session. */
  resumeToken: () => string | undefined;
};

const modules: Record<ProcessName, string> = {
  guard: '../control/guard-main.ts',
  vehicle: '../simulator/vehicle-main.ts',
  media: '../encode/media-main.ts',
  transport: '../publish/transport-main.ts',
};
const simulatorViews = ['front', 'left', 'right', 'rear'];
const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Which processes a machine consists of, and what each is told at every start. */
export function planProcesses(input: PlanInput): ProcessPlan[] {
  const { runtimeDir, config } = input;
  const options: Record<ProcessName, () => object> = {
    guard: () => ({ runtimeDir, stateFile: input.stateFile, logLevel: guardLogLevel(config) }),
    vehicle: () => ({ runtimeDir }),
    media: () => mediaOptions(input),
    transport: () => transportOptions(input),
  };
  const isSimulated = config.streams.some(({ protocol }) => protocol === 'simulator');
  return processNames
    .filter((name) => name !== 'vehicle' || isSimulated)
    .map((name) => ({
      name,
      modulePath: fileURLToPath(new URL(modules[name], import.meta.url)),
      options: options[name],
    }));
}

/** What the server and the viewers are told about the machine's streams. */
export function describeStreams(config: AgentConfig): StreamInfo[] {
  return config.streams.map((stream, streamId) => ({
    streamId,
    name: nameOf(stream, streamId),
    width: stream.width,
    height: stream.height,
    fps: stream.fps,
    // The machine has one sound; it goes with the first stream.
    mediaTypes: streamId === 0 && config.audio.enable ? ['video', 'audio'] : ['video'],
  }));
}

/** What the transport divides the network's rate by. */
export function describeEncodings(config: AgentConfig): StreamEncoding[] {
  return config.streams.map((stream, streamId) => {
    const { width, height, fps, bitrateBps, minBitrateBps } = stream;
    const isAdaptive = stream.protocol !== 'rtsp_enc';
    return { streamId, width, height, fps, bitrateBps, minBitrateBps, isAdaptive };
  });
}

/** Path of the lease epoch's file inside `directory`. */
export function stateFileIn(directory: string, deviceId: string): string {
  return join(directory, `${deviceId.replace('/', '_')}.epoch`);
}

function mediaOptions({ runtimeDir, config }: PlanInput): object {
  const { playDevice } = config.audio;
  return {
    runtimeDir,
    streams: config.streams,
    stamp: config.stamp,
    ...(playDevice === undefined ? {} : { playDevice }),
  };
}

function transportOptions(input: PlanInput): object {
  const { config, secret, runtimeDir } = input;
  const resumeToken = input.resumeToken();
  return {
    runtimeDir,
    linkKind: config.linkKind,
    serverUrl: config.serverUrl,
    deviceId: config.signalingId,
    deviceName: config.deviceName,
    deviceType: 'vehicle',
    secret,
    streams: describeStreams(config),
    encodings: describeEncodings(config),
    voice: config.audio.receive,
    forceLogin: config.forceLogin ? 1 : 0,
    bindAddress: input.bindAddress ?? bindAddressFor(config.serverUrl),
    ...(resumeToken === undefined ? {} : { resumeToken }),
  };
}

/** A server on this machine is reached without opening a port to the network. */
function bindAddressFor(serverUrl: string): string {
  return loopbackHosts.has(new URL(serverUrl).hostname) ? '127.0.0.1' : '0.0.0.0';
}

function guardLogLevel({ logLevel }: AgentConfig): string {
  return logLevel === 'off' ? 'warn' : logLevel;
}

function nameOf(stream: StreamConfig, streamId: number): string {
  switch (stream.protocol) {
    case 'simulator':
      return simulatorViews[stream.camera] ?? `camera ${stream.camera}`;
    case 'v4l2':
      return `camera ${stream.camera}`;
    default:
      return `stream ${streamId}`;
  }
}
