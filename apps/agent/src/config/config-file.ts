/** The text of `config.json`: the reference's node names as far as we support them, and our own (marked). */
import { defaultProjectId, deviceIdSchema, limits } from '@longreach/protocol';
import { z } from 'zod';

const zeroOrOne = z.union([z.literal(0), z.literal(1)]);
const port = z.int().min(1).max(65_535);
/** 4:2:0 pictures have even edges. */
const pixels = z
  .int()
  .min(16)
  .max(4096)
  .refine((value) => value % 2 === 0, 'an even number is needed');
const fps = z.number().min(1).max(120);
const kbps = z.int().min(50).max(100_000);

/** An address of `cameras`. */
const cameraSchema = z.strictObject({
  /** 1 = RTSP or another address. */
  protocol: z.literal(1).default(1),
  url: z.string().min(1).max(2048),
  width: pixels.optional(),
  height: pixels.optional(),
  fps: fps.optional(),
});

/** Kinds of input of the reference that an application feeds or that join several pictures. */
export const unsupportedProtocols = ['outside', 'outenc', 'out_enc', 'combine'] as const;

/** One item of `streams_config`. */
export const streamFileSchema = z.strictObject({
  protocol: z.enum(['v4l2', 'normal', 'rtsp_enc', 'simulator', ...unsupportedProtocols]),
  fps: fps.optional(),
  width: pixels.optional(),
  height: pixels.optional(),
  encode_width: pixels.optional(),
  encode_height: pixels.optional(),
  bps: kbps.optional(),
  min_bps: kbps.optional(),
  codec: z.literal(0).optional(),
  camera: z.int().min(0).max(255).optional(),
  cameras: z.array(cameraSchema).min(1).max(1).optional(),
});
export type StreamFile = z.infer<typeof streamFileSchema>;

/** The root of `config.json`. */
export const configFileSchema = z
  .strictObject({
    device_id: deviceIdSchema,
    device_name: z.string().min(1).max(128),
    force_login: zeroOrOne.default(0),
    cloud_mode: z.enum(['private', 'public', 'public_intl']).default('private'),
    /** Project of the device in public mode. */
    projectid: z
      .string()
      .max(64)
      .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/)
      .default(defaultProjectId),
    sdk_mode: z.literal('server').default('server'),
    /** The device's key. */
    password: z.string().min(1).max(4096).optional(),
    server_ip: z.string().min(1).max(255).optional(),
    server_port: port.optional(),
    /** Ours: the whole address, `ws://` or `wss://`; stands in for server_ip and server_port. */
    server_url: z.url({ protocol: /^wss?$/ }).optional(),
    /** Ours: what carries signaling. Default by cloud_mode: private WebSocket, public MQTT. */
    link: z
      .strictObject({
        kind: z.enum(['websocket', 'mqtt']),
        /** Broker of MQTT. Default: `/mqtt` beside the signaling endpoint. */
        url: z.url({ protocol: /^(wss?|mqtts?)$/ }).optional(),
      })
      .optional(),
    log_enable: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(0),
    min_port: port.optional(),
    max_port: port.optional(),
    audio_enable: zeroOrOne.default(1),
    audio_receive: zeroOrOne.default(0),
    audio_play: z.string().min(1).max(128).optional(),
    auto_permission: zeroOrOne.default(1),
    device_streams: z.int().min(1).max(limits.streamsPerDevice),
    streams_config: z.array(streamFileSchema).min(1).max(64),
    /** Ours: 1 draws the in-pixel stamp for measurements. */
    stamp_enable: zeroOrOne.default(0),
  })
  .superRefine((file, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { cloud_mode, link } = file;
    if (!file.server_url && link?.url === undefined) {
      if (!file.server_ip) refuse('server_ip', 'is needed without server_url');
      if (!file.server_port) refuse('server_port', 'is needed without server_url');
    }
    if (link?.kind === 'websocket') {
      if (cloud_mode !== 'private') refuse('link', `is mqtt where cloud_mode is ${cloud_mode}`);
      if (link.url !== undefined)
        refuse('link', 'has a url for mqtt only; server_url is that of a WebSocket');
    }
    if (file.streams_config.length < file.device_streams) {
      refuse('streams_config', `has fewer items than device_streams (${file.device_streams})`);
    }
    if (file.min_port && file.max_port && file.min_port > file.max_port) {
      refuse('max_port', 'is below min_port');
    }
    file.streams_config.forEach((stream, i) => {
      const needsUrl = stream.protocol === 'normal' || stream.protocol === 'rtsp_enc';
      const needsCamera = stream.protocol === 'v4l2' || stream.protocol === 'simulator';
      const path = (key: string) => ['streams_config', i, key];
      const missing = needsUrl && !stream.cameras ? 'cameras' : undefined;
      const lacking = needsCamera && stream.camera === undefined ? 'camera' : missing;
      if (lacking) {
        const message = `is needed for ${stream.protocol}`;
        context.addIssue({ code: 'custom', path: path(lacking), message });
      }
      if (stream.protocol === 'simulator' && (stream.camera ?? 0) > 3) {
        const message = 'the simulator has cameras 0 to 3';
        context.addIssue({ code: 'custom', path: path('camera'), message });
      }
    });
  });
export type ConfigFile = z.infer<typeof configFileSchema>;
