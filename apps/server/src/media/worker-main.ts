/**
 * A media worker: its own process, started by the worker pool with an IPC channel.
 * First message `start`; it exits when the channel closes, so that no worker outlives its server.
 */
import { closeNativeLibrary } from '@longreach/webrtc-node';
import { MediaWorker } from './media-worker.ts';
import type { FromWorker, ToWorker } from './worker-channel.ts';

process.title = 'longreach-media-worker';
let worker: MediaWorker | undefined;

process.on('message', (message: ToWorker) => {
  if (message.type === 'start') {
    worker = new MediaWorker(message.options, (reply: FromWorker) => process.send?.(reply));
    process.send?.({ type: 'ready' } satisfies FromWorker);
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
