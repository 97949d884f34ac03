/**
 * A media worker: its own process, started by the worker pool with an IPC channel.
 * First message `start`; it exits when the channel closes, so that no worker outlives its server.
 */
import { setPriority } from 'node:os';
import { closeNativeLibrary } from '@longreach/webrtc-node';
import { MediaWorker } from './media-worker.ts';
import type { FromWorker, ToWorker } from './worker-channel.ts';

process.title = 'longreach-media-worker';
try {
  // Before the native library starts its threads. Needs root or CAP_SYS_NICE; without it a busy machine adds delay.
  setPriority(-10);
} catch {
  // Ordinary priority then.
}
let worker: MediaWorker | undefined;

function post(message: FromWorker): void {
  // The server may be gone already; `disconnect` ends this process then.
  if (process.connected) process.send?.(message, () => {});
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'start') {
    worker = new MediaWorker(message.options, post);
    post({ type: 'ready' });
    return;
  }
  worker?.handle(message);
});

process.on('disconnect', () => {
  worker?.close();
  closeNativeLibrary();
  process.exit(0);
});

// The server decides when a worker ends; a terminal's Ctrl-C reaches the server too.
process.on('SIGINT', () => {});
