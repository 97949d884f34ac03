export { hashDeviceKey } from './accounts/device-keys.ts';
export { readConfigFile } from './config/config-file.ts';
export {
  type DeviceConfig,
  parseServerConfig,
  type ServerConfig,
  type ServerConfigInput,
} from './config/server-config.ts';
export { type RunningServer, type StartServerOptions, startServer } from './server.ts';
export { linkCloseCodes } from './signaling/link.ts';
export { StartError, StartErrorCode } from './start-error.ts';
