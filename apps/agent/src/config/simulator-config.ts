/** What differs from one simulated machine to the next. */
export type SimulatorConfigOptions = {
  deviceId: string;
  deviceName: string;
  /** Signaling endpoint, `ws://` or `wss://`. */
  serverUrl: string;
  /** The device's key. */
  password: string;
  /** Whether the in-pixel stamp is drawn. Default no. */
  stamp?: boolean;
  /** Rate of the front camera. Default 30. */
  frontFps?: number;
};

/** The value of `config.json` for a simulated machine with its four cameras. */
export function simulatorConfig(options: SimulatorConfigOptions): Record<string, unknown> {
  const side = { protocol: 'simulator', width: 640, height: 360, fps: 30, bps: 800, min_bps: 300 };
  return {
    device_id: options.deviceId,
    device_name: options.deviceName,
    force_login: 1,
    cloud_mode: 'private',
    server_url: options.serverUrl,
    password: options.password,
    audio_enable: 1,
    audio_receive: 1,
    auto_permission: 1,
    stamp_enable: options.stamp ? 1 : 0,
    device_streams: 4,
    streams_config: [
      {
        protocol: 'simulator',
        camera: 0,
        width: 1280,
        height: 720,
        fps: options.frontFps ?? 30,
        bps: 2500,
        min_bps: 1000,
      },
      { ...side, camera: 1 },
      { ...side, camera: 2 },
      { ...side, camera: 3 },
    ],
  };
}
