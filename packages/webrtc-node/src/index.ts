export * from './media-description.ts';
export * from './peer.ts';
