/**
 * The transport: its own process, forked by the supervisor. The first message on its IPC channel is
 * its options; it exits when that channel closes, so that no transport outlives its agent.
 */
import { closeNativeLibrary } from '@longreach/webrtc-node';
import { raisePriority } from '../local/process-priority.ts';
import { machineStatsSchema } from '../statistics/machine-stats.ts';
import { createProcessLog } from './process-log.ts';
import { Transport } from './transport.ts';
import { type FromTransport, transportOptionsSchema } from './transport-options.ts';

process.title = 'longreach-transport';
// Before the native library starts its threads.
raisePriority('transport');
const log = createProcessLog('transport');
let transport: Transport | undefined;

process.once('message', (message: unknown) => {
  const options = transportOptionsSchema.safeParse(message);
  if (!options.success) {
    log.error({ problem: options.error.message }, 'the options are not usable');
    process.exit(2);
  }
  transport = new Transport(options.data, log);
  transport.on('resumeTokenChanged', ({ token }) => tell({ type: 'resumeToken', token }));
  process.on('message', handleMessage);
  tell({ type: 'ready' });
});

process.on('disconnect', () => {
  transport?.close();
  closeNativeLibrary();
  process.exit(0);
});

// The supervisor decides when it ends; a terminal's Ctrl-C reaches the supervisor too.
process.on('SIGINT', () => {});

/** The supervisor is ours, but a message of another version must not end the transport. */
function handleMessage(message: unknown): void {
  const told = machineStatsSchema.safeParse(message);
  if (told.success) transport?.handleMachineStats(told.data.stats);
}

function tell(message: FromTransport): void {
  // A supervisor that just died is no error of ours: `disconnect` follows.
  if (process.connected) process.send?.(message, () => {});
}
