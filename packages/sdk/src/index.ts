export * from './api.ts';
export { LongreachClient } from './client.ts';
export * from './reference-types.ts';
export { sdkVersion } from './sdk-version.ts';
