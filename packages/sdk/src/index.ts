export * from './api.ts';
export { LongreachClient, sdkVersion } from './client.ts';
