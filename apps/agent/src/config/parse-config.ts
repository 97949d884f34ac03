import { type DeviceId, mqttUrlOf } from '@longreach/protocol';
import type { z } from 'zod';
import { type ConfigFile, configFileSchema, type StreamFile } from './config-file.ts';
import { ConfigError, ConfigErrorCode, type ConfigIssue } from './errors.ts';
import { setAsideUnsupported } from './reference-keys.ts';
import { type StreamConfig, streamConfigSchema } from './stream-config.ts';

/** A machine's configuration in our own terms; frozen through and through. */
export type AgentConfig = {
  deviceId: DeviceId;
  /** The id that signaling knows it by: over MQTT with its project. */
  signalingId: DeviceId;
  deviceName: string;
  /** The device's key; undefined when it comes by another way. */
  password: string | undefined;
  /** Whether this login throws out an older one of the same id. */
  forceLogin: boolean;
  /** What carries signaling. */
  linkKind: 'websocket' | 'mqtt';
  /** Where that is: the signaling endpoint, `ws://` or `wss://`, or the broker, also `mqtt://` or `mqtts://`. */
  serverUrl: string;
  logLevel: 'off' | 'info' | 'debug';
  /** Range of local UDP ports; undefined = any. */
  portRange: { min: number; max: number } | undefined;
  audio: {
    /** Whether the machine's sound is sent. */
    enable: boolean;
    /** Whether the operator's voice is received. */
    receive: boolean;
    /** ALSA device that plays it; undefined = its level is measured only. */
    playDevice: string | undefined;
  };
  /** Whether a free master lease is granted without asking. */
  autoPermission: boolean;
  /** Whether the in-pixel stamp is drawn. */
  stamp: boolean;
  /** streamId = place in the list. */
  streams: readonly StreamConfig[];
};

/** A configuration and what of it has no effect yet. */
export type ParsedConfig = { config: AgentConfig; warnings: readonly ConfigIssue[] };

/** Path of the signaling endpoint behind server_ip and server_port. */
const signalingPath = '/signaling';

/** Reads the text of `config.json`, or its parsed value. Throws ConfigError with the path of every fault. */
export function parseConfig(source: unknown): ParsedConfig {
  const { rest, warnings } = setAsideUnsupported(
    typeof source === 'string' ? parseJson(source) : source,
  );
  const parsed = configFileSchema.safeParse(rest);
  if (!parsed.success) {
    throw new ConfigError(ConfigErrorCode.Invalid, parsed.error.issues.flatMap(issuesOf));
  }
  return deepFreeze({ config: toConfig(parsed.data), warnings });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `no JSON (comments must be removed): ${(cause as Error).message}`;
    throw new ConfigError(ConfigErrorCode.NotJson, [{ path: '', message }]);
  }
}

function toConfig(file: ConfigFile): AgentConfig {
  const { min_port: min, max_port: max } = file;
  const linkKind = file.link?.kind ?? (file.cloud_mode === 'private' ? 'websocket' : 'mqtt');
  const signalingUrl =
    file.server_url ?? `ws://${file.server_ip}:${file.server_port}${signalingPath}`;
  return {
    deviceId: file.device_id,
    signalingId: linkKind === 'mqtt' ? publicIdOf(file) : file.device_id,
    deviceName: file.device_name,
    password: file.password,
    forceLogin: file.force_login === 1,
    linkKind,
    serverUrl: linkKind === 'mqtt' ? (file.link?.url ?? mqttUrlOf(signalingUrl)) : signalingUrl,
    logLevel: (['off', 'info', 'debug'] as const)[file.log_enable],
    portRange: min && max ? { min, max } : undefined,
    audio: {
      enable: file.audio_enable === 1,
      receive: file.audio_receive === 1,
      playDevice: file.audio_play,
    },
    autoPermission: file.auto_permission === 1,
    stamp: file.stamp_enable === 1,
    streams: file.streams_config
      .slice(0, file.device_streams)
      .map((stream, i) => toStream(stream, i)),
  };
}

function publicIdOf({ device_id, projectid }: ConfigFile): DeviceId {
  return device_id.includes('/') ? device_id : (`${projectid}/${device_id}` as DeviceId);
}

function toStream(stream: StreamFile, index: number): StreamConfig {
  const [address] = stream.cameras ?? [];
  const captureWidth = stream.width ?? address?.width ?? 1280;
  const captureHeight = stream.height ?? address?.height ?? 720;
  const bps = stream.bps ?? 2000;
  const encoded = {
    width: stream.encode_width ?? captureWidth,
    height: stream.encode_height ?? captureHeight,
    fps: stream.fps ?? address?.fps ?? 30,
    bitrateBps: bps * 1000,
    minBitrateBps: Math.min(bps, stream.min_bps ?? Math.round(bps / 2)) * 1000,
  };
  const parsed = streamConfigSchema.safeParse(
    kindOf(stream, encoded, { captureWidth, captureHeight }),
  );
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: `streams_config[${index}].${path.map(String).join('.')}`,
    message,
  }));
  throw new ConfigError(ConfigErrorCode.Invalid, issues);
}

function kindOf(
  stream: StreamFile,
  encoded: Omit<Extract<StreamConfig, { protocol: 'unsupported' }>, 'protocol'>,
  capture: { captureWidth: number; captureHeight: number },
): StreamConfig {
  const { protocol, camera = 0 } = stream;
  const url = stream.cameras?.[0]?.url ?? '';
  switch (protocol) {
    case 'simulator':
      return { protocol, camera, ...encoded };
    case 'v4l2':
      return { protocol, camera, ...capture, ...encoded };
    case 'normal':
    case 'rtsp_enc':
      return { protocol, url, ...encoded };
    default:
      return { protocol: 'unsupported', ...encoded };
  }
}

function issuesOf(issue: z.core.$ZodIssue): ConfigIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key]),
      message: 'unknown key',
    }));
  }
  return [{ path: pathOf(issue.path), message: issue.message }];
}

function pathOf(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
