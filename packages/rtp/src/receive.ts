/** What a receiver in a browser needs: nothing here, nor below it, uses anything of Node. */
export { KeyFrameRequests } from './key-frame-requests.ts';
export * from './messages/index.ts';
export * from './playout/index.ts';
export { RepairReceiver } from './repair/index.ts';
export { buildNack, buildPli } from './rtcp-feedback.ts';
export {
  readMarker,
  readPayloadType,
  readSequence,
  readSsrc,
  readTimestamp,
} from './rtp-packet.ts';
export { sequenceDistance, timestampDistance } from './sequence-number.ts';
