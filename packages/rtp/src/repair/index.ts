export type { RepairReceiverOptions } from './repair-options.ts';
export {
  type RecoveredPacket,
  RepairReceiver,
  type RepairStats,
} from './repair-receiver.ts';
export { requestGapUs } from './request-gap.ts';
