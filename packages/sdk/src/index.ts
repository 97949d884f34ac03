export * from './api.ts';
export { LongreachClient, sdkVersion } from './client.ts';
export * from './reference-types.ts';
