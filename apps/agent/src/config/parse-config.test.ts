import { describe, expect, it } from 'vitest';
import { ConfigError } from './errors.ts';
import { parseConfig } from './parse-config.ts';
import { simulatorConfig } from './simulator-config.ts';

const stream = { protocol: 'v4l2', fps: 30, bps: 2000, width: 1920, height: 1080, camera: 0 };
const minimal = {
  device_id: 'truck-1',
  device_name: 'Truck 1',
  server_ip: '10.0.0.1',
  server_port: 2883,
  device_streams: 1,
  streams_config: [stream],
};

function refusals(source: unknown): { path: string; message: string }[] {
  try {
    parseConfig(source);
  } catch (error) {
    if (error instanceof ConfigError) return [...error.issues];
    throw error;
  }
  return [];
}

describe('parseConfig', () => {
  it('takes the minimal private file of the reference', () => {
    const { config, warnings } = parseConfig(JSON.stringify(minimal));
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      deviceId: 'truck-1',
      serverUrl: 'ws://10.0.0.1:2883/signaling',
      forceLogin: false,
      autoPermission: true,
      audio: { enable: true, receive: false },
      streams: [{ protocol: 'v4l2', camera: 0, width: 1920, height: 1080, bitrateBps: 2_000_000 }],
    });
  });

  it('warns of keys and values of the reference that are not supported yet, with their paths', () => {
    const { config, warnings } = parseConfig({
      ...minimal,
      certificate: 'c',
      network_bind: ['10.0.0.2', '10.1.0.2'],
      device_streams: 2,
      streams_config: [
        { ...stream, codec: 1, record_on: 1 },
        { protocol: 'outside', width: 640, height: 480 },
      ],
    });
    expect(warnings.map(({ path }) => path).sort()).toEqual([
      'certificate',
      'network_bind',
      'streams_config[0].codec',
      'streams_config[0].record_on',
      'streams_config[1].protocol',
    ]);
    expect(config.streams[1]?.protocol).toBe('unsupported');
  });

  it('refuses unknown keys with their paths', () => {
    const faults = refusals({
      ...minimal,
      divice_id: 'x',
      streams_config: [{ ...stream, cameras: [{ url: 'rtsp://a/b', speed: 3 }], bsp: 1 }],
    });
    expect(faults.map(({ path }) => path).sort()).toEqual([
      'divice_id',
      'streams_config[0].bsp',
      'streams_config[0].cameras[0].speed',
    ]);
  });

  it('refuses wrong types with their paths', () => {
    const faults = refusals({
      ...minimal,
      server_port: '2883',
      streams_config: [{ ...stream, fps: 'fast', codec: 7 }],
    });
    expect(faults.map(({ path }) => path).sort()).toEqual([
      'server_port',
      'streams_config[0].codec',
      'streams_config[0].fps',
    ]);
  });

  it('names what is missing', () => {
    const { server_ip: _, ...withoutServer } = minimal;
    expect(refusals(withoutServer)).toMatchObject([{ path: 'server_ip' }]);
    const { device_id: __, ...withoutId } = minimal;
    expect(refusals(withoutId)).toMatchObject([{ path: 'device_id' }]);
    expect(refusals({ ...minimal, device_streams: 2 })).toMatchObject([{ path: 'streams_config' }]);
    const noUrl = { ...minimal, streams_config: [{ protocol: 'rtsp_enc' }] };
    expect(refusals(noUrl)).toMatchObject([{ path: 'streams_config[0].cameras' }]);
    expect(refusals('{ // no')).toMatchObject([{ path: '' }]);
  });

  it('signals over MQTT in public mode, beside the signaling endpoint, with its project in its id', () => {
    const publicFile = { ...minimal, cloud_mode: 'public' };
    expect(parseConfig(publicFile)).toMatchObject({
      warnings: [],
      config: {
        linkKind: 'mqtt',
        serverUrl: 'ws://10.0.0.1:2883/mqtt',
        deviceId: 'truck-1',
        signalingId: 'default/truck-1',
      },
    });
    const { server_ip: _, server_port: __, ...noServer } = publicFile;
    const broker = 'mqtts://broker.example.org:8883';
    const elsewhere = { ...noServer, projectid: 'mine', link: { kind: 'mqtt', url: broker } };
    expect(parseConfig(elsewhere).config).toMatchObject({
      serverUrl: broker,
      deviceId: 'truck-1',
      signalingId: 'mine/truck-1',
    });
  });

  it('signals over a WebSocket in private mode, and over MQTT where it is told to', () => {
    expect(parseConfig(minimal).config).toMatchObject({
      linkKind: 'websocket',
      signalingId: 'truck-1',
    });
    const told = { ...minimal, server_url: 'wss://host/signaling', link: { kind: 'mqtt' } };
    expect(parseConfig(told).config).toMatchObject({
      linkKind: 'mqtt',
      serverUrl: 'wss://host/mqtt',
      signalingId: 'default/truck-1',
    });
  });

  it.each([
    [{ cloud_mode: 'public', link: { kind: 'websocket' } }, 'link'],
    [{ link: { kind: 'websocket', url: 'wss://host/signaling' } }, 'link'],
    [{ link: { kind: 'mqtt', url: 'https://host' } }, 'link.url'],
    [{ link: { kind: 'carrier pigeon' } }, 'link.kind'],
    [{ projectid: 'two/parts' }, 'projectid'],
  ])('refuses a link that cannot be: %j', (change, path) => {
    expect(refusals({ ...minimal, ...change })).toMatchObject([{ path }]);
  });

  it('refuses sizes that 4:2:0 cannot have', () => {
    const odd = { ...minimal, streams_config: [{ ...stream, encode_width: 641 }] };
    expect(refusals(odd)).toMatchObject([{ path: 'streams_config[0].encode_width' }]);
  });

  it('is frozen through and through', () => {
    const { config } = parseConfig(minimal);
    expect(() => Object.assign(config, { deviceName: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(config.streams[0] ?? {}, { fps: 1 })).toThrow(TypeError);
    expect(() => (config.streams as unknown[]).push({})).toThrow(TypeError);
  });

  it('keeps capture and encode size apart', () => {
    const { config } = parseConfig({
      ...minimal,
      streams_config: [{ ...stream, encode_width: 1280, encode_height: 720, min_bps: 700 }],
    });
    expect(config.streams[0]).toMatchObject({
      captureWidth: 1920,
      captureHeight: 1080,
      width: 1280,
      height: 720,
      minBitrateBps: 700_000,
    });
  });

  it('takes the simulated machine', () => {
    const options = { deviceId: 'sim', deviceName: 'Sim', password: 'k' };
    const file = simulatorConfig({ ...options, serverUrl: 'ws://127.0.0.1:8080/signaling' });
    const { config, warnings } = parseConfig(file);
    expect(warnings).toEqual([]);
    expect(config.streams.map(({ width, height }) => `${width}x${height}`)).toEqual([
      '1280x720',
      '640x360',
      '640x360',
      '640x360',
    ]);
  });
});
