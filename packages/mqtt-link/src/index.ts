export * from './errors.ts';
export * from './open-mqtt-link.ts';
